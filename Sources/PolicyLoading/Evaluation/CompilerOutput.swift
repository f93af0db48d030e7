/// The compiler's words, with the paths of the policy's files as the user would type them.
struct CompilerOutput: Sendable {
    /// How the policy's paths are shown.
    let shown: ShownPaths
    /// What the compiler writes before a path that is relative to the policy's folder: nothing, or the folder.
    let root: String
    /// The policy's Swift files, relative to its folder.
    let files: [String]

    /// The text with each position (`FILE:LINE:COLUMN:`) of a policy's file shown as typed; all else stays as it is.
    func asTyped(_ text: String) -> String {
        let names = files.map { (root + $0 + ":", shown.path($0) + ":") }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard let (written, typed) = names.first(where: { line.hasPrefix($0.0) }) else { return String(line) }
            let rest = line.dropFirst(written.count)
            return rest.first?.isNumber == true ? typed + rest : String(line)
        }
        var lastLines = lines
        while lastLines.last?.isEmpty == true { lastLines.removeLast() }
        return lastLines.joined(separator: "\n")
    }
}
