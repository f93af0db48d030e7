import PacketLab
import PacketModel
import Testing

/// A text of iptables, and what loads it.
struct ImportedText {
    /// The text.
    let text: String
    private let form: ImportedCase.Form
    private let family: AddressFamily

    /// A text of some lines.
    init(_ lines: [String], _ form: ImportedCase.Form, _ family: AddressFamily) {
        let whole =
            switch form {
            case .commands: lines
            case .table: ["*filter"] + lines + ["COMMIT"]
            case .dockerUser: ["*filter", ":DOCKER-USER - [0:0]"] + lines.map(Self.inDockerUser) + ["COMMIT"]
            }
        text = whole.joined(separator: "\n") + "\n"
        self.form = form
        self.family = family
    }

    /// The number of the line that holds some words; counts from 1.
    func line(of words: String) -> Int? {
        text.split(separator: "\n").firstIndex { $0.contains(words) }.map { $0 + 1 }
    }

    private static func inDockerUser(_ line: String) -> String {
        line.hasPrefix("-A ") || line.hasPrefix(":") ? line : "-A DOCKER-USER " + line
    }

    /// Loads it with iptables-legacy.
    func loadByIPTables(in lab: Lab, zone: String = "UTC") throws {
        let restore = family == .ip ? "iptables-legacy-restore" : "ip6tables-legacy-restore"
        let command =
            switch form {
            case .commands: ["sh", "-e"]
            case .table: [restore]
            case .dockerUser: [restore, "--noflush"]
            }
        try Program.demand(command, in: lab[.router], input: text, environment: ["TZ": zone])
    }

    /// Compiles it for nft; the output is the document.
    func compile(in lab: Lab, options: [String] = [], zone: String = "UTC") throws -> Program {
        let path = lab.folder + "/" + fileName
        try write(text, to: path)
        let whole = if case .table = form { ["--whole-table"] } else { [String]() }
        return try Program.run(
            [try seawall(), "compile", path, "--family", family.rawValue, "--backend", "nft"] + whole + options,
            in: lab[.router], environment: ["TZ": zone, "TMPDIR": lab.folder])
    }

    /// What messages call it.
    var fileName: String { family == .ip ? "rules.v4" : "rules.v6" }

    /// Compiles it, and loads that with nft.
    func loadByNFT(in lab: Lab, options: [String] = [], zone: String = "UTC") throws {
        let compiled = try compile(in: lab, options: options, zone: zone)
        try #require(compiled.status == 0, "seawall compile: \(compiled.complaint)\(text)")
        let path = lab.folder + "/seawall.nft.json"
        try write(compiled.output, to: path)
        try Program.demand(["nft", "-j", "-f", path], in: lab[.router], environment: ["TZ": zone])
        // Malformed JSON would be taken without a word, and nothing be loaded.
        try Program.demand(["nft", "list", "table", "inet", "seawall"], in: lab[.router])
    }
}
