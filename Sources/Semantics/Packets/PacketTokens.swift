/// The words of a text, with their places.
struct PacketTokens {
    /// A word, and the column at which it begins.
    struct Token {
        let text: String
        let column: Int
        let isQuoted: Bool
    }

    private let tokens: [Token]
    private let end: Int
    private var next = 0

    /// Cuts a text at its white space; what stands in quotes is one word, and `\` takes the next character as it is.
    init(_ text: String) throws(PacketTextError) {
        let characters = Array(text)
        var tokens: [Token] = []
        var index = 0
        while index < characters.count {
            if characters[index].isWhitespace {
                index += 1
            } else {
                tokens.append(try Self.token(characters, &index))
            }
        }
        self.tokens = tokens
        end = characters.count + 1
    }

    private static func token(_ characters: [Character], _ index: inout Int) throws(PacketTextError) -> Token {
        let start = index
        guard characters[start] == "\"" else {
            while index < characters.count, !characters[index].isWhitespace { index += 1 }
            return Token(text: String(characters[start..<index]), column: start + 1, isQuoted: false)
        }
        var text = ""
        index += 1
        while index < characters.count, characters[index] != "\"" {
            if characters[index] == "\\", index + 1 < characters.count { index += 1 }
            text.append(characters[index])
            index += 1
        }
        guard index < characters.count else {
            throw PacketTextError(column: characters.count + 1, found: nil, expected: "the closing quote")
        }
        index += 1
        return Token(text: text, column: start + 1, isQuoted: true)
    }

    /// The word that comes next; `nil` at the end.
    var peek: Token? { next < tokens.count ? tokens[next] : nil }

    /// The word behind that.
    var second: Token? { next + 1 < tokens.count ? tokens[next + 1] : nil }

    /// Takes the next word.
    mutating func take(_ expected: String) throws(PacketTextError) -> Token {
        guard let token = peek else { throw PacketTextError(column: end, found: nil, expected: expected) }
        next += 1
        return token
    }
}

extension PacketTokens.Token {
    /// The mistake that something else should stand here.
    func error(_ expected: String, example: String = PacketText.example) -> PacketTextError {
        PacketTextError(column: column, found: text, expected: expected, example: example)
    }
}
