/// What a text holds from which rules can be read.
package enum InputFormat: String, CaseIterable, Hashable, Sendable {
    /// A policy in Swift, or a folder with one.
    case policy
    /// A policy document (JSON).
    case document
    /// What `iptables-save` prints, a file for `iptables-restore`, or a list of `iptables` commands.
    case iptables
    /// What `nft -j list` prints, or commands for `nft -j -f`.
    case nftJSON = "nft-json"
    /// A file for `nft -f`, or what `nft list` prints.
    case nft
}

extension InputFormat {
    /// The format of a text by what stands in it; `nil` if it is none that is known.
    ///
    /// JSON is told by its braces, and by the key `nftables` among the first; an nft file by the first word of a line outside
    /// of comments (`table`, `add`, `define`, …); rules of iptables by lines that begin with `*`, `:`, `-` or a command.
    package static func detect(_ bytes: [UInt8], named name: String) -> InputFormat? {
        let start = bytes.firstIndex { !$0.isSpace } ?? bytes.endIndex
        guard start < bytes.endIndex else { return name.hasSuffix(".json") ? .document : nil }
        if bytes[start] == UInt8(ascii: "{") {
            return holds(bytes[start...].prefix(1 << 12), "\"nftables\"") ? .nftJSON : .document
        }
        for line in bytes.split(maxSplits: 4096, whereSeparator: { $0 == UInt8(ascii: "\n") }) {
            if let format = format(ofLine: line) { return format }
        }
        return name.hasSuffix(".json") ? .document : nil
    }

    private static func format(ofLine line: ArraySlice<UInt8>) -> InputFormat? {
        let words = line.split(maxSplits: 8, whereSeparator: \.isSpace)
        guard let first = words.first, let initial = first.first else { return nil }
        if initial == UInt8(ascii: "#") {
            return line.starts(with: Array("#!".utf8)) && holds(line, "nft") ? .nft : nil
        }
        let word = String(decoding: first, as: UTF8.self)
        switch initial {
        case UInt8(ascii: "*"), UInt8(ascii: ":"): return .iptables
        case UInt8(ascii: "-"): return word.count == 2 || word.hasPrefix("--") ? .iptables : nil
        case UInt8(ascii: "["):
            return words.dropFirst().first.map { $0.starts(with: [UInt8(ascii: "-")]) ? .iptables : nil } ?? nil
        default: break
        }
        if nftWords.contains(word) { return .nft }
        return words.contains { isCommand($0) } ? .iptables : nil
    }

    /// Words with which lines of nft's language begin.
    private static let nftWords: Set<String> = [
        "table", "add", "create", "flush", "delete", "destroy", "define", "include",
    ]

    /// Whether a word calls `iptables` or its IPv6 twin, by whatever path.
    private static func isCommand(_ word: ArraySlice<UInt8>) -> Bool {
        let name = word.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let parts = name.split(separator: "-")
        return (parts.first == "iptables" || parts.first == "ip6tables")
            && parts.dropFirst().allSatisfy { ["legacy", "nft", "restore", "save"].contains($0) }
    }

    private static func holds(_ bytes: ArraySlice<UInt8>, _ word: String) -> Bool {
        bytes.firstRange(of: Array(word.utf8)) != nil
    }
}

extension UInt8 {
    /// Whether it is white space of ASCII.
    fileprivate var isSpace: Bool { self == 32 || (9...13).contains(self) }
}
