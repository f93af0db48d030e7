internal import Glibc

/// What the demonstration is told on its command line.
struct Arguments {
    /// The command `seawall`: `--seawall`, `SEAWALL_BINARY`, or the one beside this program.
    private(set) var command = Self.defaultCommand
    /// The folder of the templates.
    private(set) var templates = "templates"
    /// The templates that are shown.
    private(set) var scenarios = Scenario.all

    init?(_ words: [String]) {
        var words = words[...]
        var names: [String] = []
        while let word = words.popFirst() {
            switch word {
            case "--seawall":
                guard let value = words.popFirst() else { return nil }
                command = value
            case "--templates":
                guard let value = words.popFirst() else { return nil }
                templates = value
            default: names.append(word)
            }
        }
        guard names.allSatisfy({ name in Scenario.all.contains { $0.template == name } }) else { return nil }
        if !names.isEmpty { scenarios = Scenario.all.filter { names.contains($0.template) } }
    }

    private static var defaultCommand: String {
        if let path = getenv("SEAWALL_BINARY") { return String(cString: path) }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/seawall"
    }
}
