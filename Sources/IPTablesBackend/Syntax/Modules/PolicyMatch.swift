internal import PacketModel

/// `-m policy`: one element, or with `--strict` several, separated by `--next` (`libxt_policy.c`).
enum PolicyMatch {
    static let policy = MatchForm(
        "policy",
        [
            .value("dir"), .value("pol"), .flag("strict"), element("reqid"), element("spi"), element("tunnel-src"),
            element("tunnel-dst"), element("proto"), element("mode"), .flag("next", isRepeatable: true),
        ]
    ) { use throws(RuleProblem) in
        let direction = try use.value("dir") { word throws(RuleProblem) in
            try KeptValue.word(of: ["in", "out"])(word, use.family)
        }
        guard let direction else { throw use.rejected("'policy' needs '--dir in' or '--dir out'") }
        let kind = try use.value("pol") { word throws(RuleProblem) in try KeptValue.word(of: ["ipsec", "none"])(word, use.family) }
        var options = [IPTablesOption("--dir", [direction]), IPTablesOption("--pol", [kind ?? "ipsec"])]
        if use.has("strict") { options.append(IPTablesOption("--strict")) }
        try use.require("strict", with: "next")
        let elements = try elements(use)
        if kind == "none", use.has("strict") || elements.contains(where: { !$0.isEmpty }) {
            throw use.rejected("'--pol none' stands alone")
        }
        for (place, element) in elements.enumerated() {
            if use.has("strict"), element.isEmpty { throw use.rejected("with '--strict', each element needs an option") }
            if place > 0 { options.append(IPTablesOption("--next")) }
            options += element
        }
        return .module("policy", options: options)
    }

    private static func element(_ name: String) -> OptionForm {
        .value(name, isNegatable: true, isRepeatable: true)
    }

    /// The options between two `--next`, in the order in which they are printed.
    private static func elements(_ use: ModuleUse) throws(RuleProblem) -> [[IPTablesOption]] {
        var elements: [[IPTablesOption]] = []
        for part in use.uses.split(omittingEmptySubsequences: false, whereSeparator: { $0.option == use.table.places["next"] }) {
            elements.append(try element(part, use))
        }
        guard elements.count <= 4 else { throw use.rejected("\(elements.count) elements: 4 are taken") }
        return elements
    }

    private static func element(_ part: ArraySlice<OptionUse>, _ use: ModuleUse) throws(RuleProblem) -> [IPTablesOption] {
        var options: [IPTablesOption] = []
        let family = use.family
        for name in ["reqid", "spi", "proto", "mode", "tunnel-dst", "tunnel-src"] {
            let found = part.filter { $0.option == use.table.places[name] }
            guard let first = found.first, let word = first.values.first else { continue }
            guard found.count == 1 else { throw word.rejected("'--\(name)' stands twice in one element") }
            options.append(
                IPTablesOption("--" + name, [try text(name, word, family)], isNegated: first.isNegated))
        }
        let hasTunnel = options.contains { $0.name == "--mode" && $0.values == ["tunnel"] && !$0.isNegated }
        if options.contains(where: { $0.name.hasPrefix("--tunnel") }), !hasTunnel {
            throw use.rejected("'--tunnel-src' and '--tunnel-dst' need '--mode tunnel'")
        }
        return options
    }

    private static func text(_ name: String, _ word: RuleWord, _ family: AddressFamily) throws(RuleProblem) -> String {
        switch name {
        case "reqid": try KeptValue.number(0...UInt32.max)(word, family)
        case "spi": try KeptValue.hex(0...UInt32.max)(word, family)
        case "mode": try KeptValue.word(of: ["transport", "tunnel"])(word, family)
        case "proto": try proto(word)
        default: maskedText(try word.maskedAddress(family), short: true)
        }
    }

    private static func proto(_ word: RuleWord) throws(RuleProblem) -> String {
        switch try word.ipProtocol().number {
        case 50: "esp"
        case 51: "ah"
        case 108: "ipcomp"
        default: throw word.rejected("'\(word.text)' is no protocol of IPsec: expected ah, esp or ipcomp")
        }
    }
}
