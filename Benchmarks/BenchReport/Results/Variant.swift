/// Who was measured.
package enum Variant: String, CaseIterable, Hashable, Sendable {
    // What compiles rules.
    case seawallNFT = "seawall-nft"
    case seawallIPTables = "seawall-iptables"
    case documentNFT = "document-nft"
    case documentIPTables = "document-iptables"
    case translate = "iptables-restore-translate"
    case aerleon = "aerleon"

    // What loads rules.
    case apply = "seawall-apply"
    case ourJSON = "nft-our-json"
    case linesJSON = "nft-lines-json"
    case legacyRestore = "iptables-legacy-restore"
    case nftRestore = "iptables-nft-restore"
    case ourRestore = "iptables-legacy-restore-ours"

    // What changes one element.
    case hashElement = "nft-hash-element"
    case intervalElement = "nft-interval-element"

    // What a packet passes.
    case none = "none"
    case nft = "nft-ours"
    case nftLines = "nft-lines"
    case legacy = "iptables-legacy"
    case iptables = "iptables-ours"
    case ipset = "iptables-ipset"

    /// The variant in words.
    package var title: String {
        switch self {
        case .seawallNFT: "Seawall to nft"
        case .seawallIPTables: "Seawall to iptables"
        case .documentNFT: "Seawall to nft, from a document"
        case .documentIPTables: "Seawall to iptables, from a document"
        case .translate: "iptables-restore-translate"
        case .aerleon: "aerleon to nftables"
        case .apply: "seawall apply"
        case .ourJSON: "nft -j -f, our output"
        case .linesJSON: "nft -j -f, line by line"
        case .legacyRestore: "iptables-legacy-restore"
        case .nftRestore: "iptables-nft-restore"
        case .ourRestore: "iptables-legacy-restore, our output"
        case .hashElement: "nft add element, hash set"
        case .intervalElement: "nft add element, interval set"
        case .none: "no filter rules"
        case .nft: "Seawall, nft"
        case .nftLines: "nft, line by line"
        case .legacy: "iptables-legacy, linear"
        case .iptables: "Seawall, iptables"
        case .ipset: "Seawall, iptables with ipset"
        }
    }

    /// The colour in plots: one for each way of having rules, whatever is measured of it.
    package var color: String {
        switch self {
        case .seawallNFT, .apply, .nft: "#0b6e99"
        case .seawallIPTables, .ourRestore, .iptables: "#2e8b57"
        case .documentNFT, .ourJSON: "#6bb5d6"
        case .documentIPTables: "#8fc9a5"
        case .translate, .legacyRestore, .legacy: "#b03a2e"
        case .linesJSON, .nftLines: "#d98200"
        case .aerleon, .nftRestore, .intervalElement: "#7d5ba6"
        case .hashElement: "#a0785a"
        case .none: "#7a7a7a"
        case .ipset: "#c0508f"
        }
    }

    /// Whether the plots draw it as the thing that they are about.
    package var isEmphasized: Bool { [.seawallNFT, .apply, .nft].contains(self) }

    /// The variants of a part, in the order of tables.
    package static func all(of part: Part) -> [Variant] {
        switch part {
        case .compile: [.seawallNFT, .seawallIPTables, .documentNFT, .documentIPTables, .translate, .aerleon]
        case .load: [.apply, .ourJSON, .linesJSON, .legacyRestore, .nftRestore, .ourRestore]
        case .update: [.apply, .hashElement, .intervalElement]
        case .packets: [.none, .nft, .nftLines, .legacy, .iptables, .ipset]
        }
    }
}
