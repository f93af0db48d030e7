/// The words of a line as `iptables-restore` splits it (`xshared.c`, `add_param_to_argv`): white space separates,
/// double quotes join, and within them a backslash takes the next byte as it is.
///
/// - Throws: `SaveListingError` if a quote is not closed.
func saveListingWords(_ line: some Collection<UInt8>, number: Int) throws(SaveListingError) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var hasWord = false
    var isQuoted = false
    var isEscaped = false
    for byte in line {
        switch byte {
        case _ where isEscaped:
            word.append(byte)
            isEscaped = false
        case UInt8(ascii: "\\") where isQuoted: isEscaped = true
        case UInt8(ascii: "\""):
            isQuoted.toggle()
            hasWord = true
        case 32, 9, 13:
            if isQuoted {
                word.append(byte)
            } else if hasWord {
                words.append(String(decoding: word, as: UTF8.self))
                word.removeAll(keepingCapacity: true)
                hasWord = false
            }
        default:
            word.append(byte)
            hasWord = true
        }
    }
    // A comment line may hold anything.
    if isQuoted, words.first?.hasPrefix("#") != true { throw SaveListingError(line: number, "a quote is not closed") }
    if hasWord { words.append(String(decoding: word, as: UTF8.self)) }
    return words
}
