internal import PacketModel

/// A file with a rule set: the filter table of one family, as `iptables-save` writes it.
struct RulesetFile {
    /// What it is called in the report.
    let name: String
    let family: AddressFamily
    /// The lines of the filter table, without those of chains of the kernel.
    let rules: [String]
    /// The declarations of its other chains.
    let chains: [String]

    /// What stands in FORWARD behind `DOCKER-USER`.
    enum Behind: String, CaseIterable {
        /// Everything that is handed on passes: what is dropped can be told from it.
        case passes
        /// Nothing that is handed on passes: what is accepted can be told from it.
        case stops
    }

    /// The mark by which `ACCEPT` is kept.
    static let acceptMark: UInt32 = 0x4000_0000

    /// The filter table of a file; `nil` if it has none.
    init?(name: String, text: String) {
        self.name = name
        family = name.contains(".v6.") ? .ip6 : .ip
        let lines = text.split(separator: "\n").map { String($0.filter { $0 != "\r" }) }
        guard let start = lines.firstIndex(of: "*filter"),
            let end = lines[start...].firstIndex(of: "COMMIT")
        else { return nil }
        let table = lines[(start + 1)..<end]
        rules = table.filter { $0.hasPrefix("-A ") && !Self.isOfKernel($0.split(separator: " ")[1]) }
        chains = table.filter { $0.hasPrefix(":") && !Self.isOfKernel($0.dropFirst().prefix { $0 != " " }) }
    }

    private static func isOfKernel(_ chain: Substring) -> Bool { ["INPUT", "FORWARD", "OUTPUT"].contains(chain) }

    /// The names of its chains, but for `DOCKER-USER`.
    var chainNames: [String] {
        chains.map { String($0.dropFirst().prefix { $0 != " " }) }.filter { $0 != "DOCKER-USER" }
    }

    /// The names of the sets that its rules ask for.
    var sets: [String] {
        let words = rules.map { $0.split(separator: " ").map { String($0) } }
        let names = words.flatMap { words in
            words.indices.filter { words[$0] == "--match-set" && $0 + 1 < words.count }.map { words[$0 + 1] }
        }
        return Set(names).sorted()
    }

    /// The text for `iptables-restore`: its chains, reached from FORWARD through `DOCKER-USER` alone.
    func text(_ behind: Behind) -> String {
        let policy = behind == .passes ? "ACCEPT" : "DROP"
        let declared = chains.contains { $0.hasPrefix(":DOCKER-USER ") } ? chains : chains + [":DOCKER-USER - [0:0]"]
        let head = ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD \(policy) [0:0]", ":OUTPUT ACCEPT [0:0]"]
        let all = head + declared + ["-A FORWARD -j DOCKER-USER"] + rules + ["COMMIT", ""]
        return all.joined(separator: "\n")
    }

    /// The program of its family.
    var tool: String { family == .ip ? "iptables-legacy" : "ip6tables-legacy" }
}
