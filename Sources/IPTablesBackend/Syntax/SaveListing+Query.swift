/// Where a rule sends a packet.
package struct SaveTarget: Hashable, Sendable {
    /// A verdict, an extension, or a chain.
    package var name: String
    /// Whether it is `-g`, which does not come back.
    package var isGoto: Bool

    /// A target.
    package init(_ name: String, isGoto: Bool = false) {
        self.name = name
        self.isGoto = isGoto
    }
}

extension SaveRule {
    /// The target: `-j X` or `-g X`; nothing for a rule that only counts.
    package var target: SaveTarget? {
        guard let place = targetPlace, place + 1 < words.count else { return nil }
        return SaveTarget(words[place + 1], isGoto: words[place] == "-g" || words[place] == "--goto")
    }

    /// The text of the first `--comment`.
    package var comment: String? {
        var place = 0
        while place + 1 < words.count {
            if words[place] == "--comment" { return words[place + 1] }
            place += Self.takesText.contains(words[place]) ? 2 : 1
        }
        return nil
    }

    /// Whether every packet matches: nothing but comments stands before the target.
    package var isUnconditional: Bool {
        let end = targetPlace ?? words.count
        var place = 0
        while place < end {
            let isModule = words[place] == "-m" && place + 1 < end && words[place + 1] == "comment"
            guard isModule || words[place] == "--comment" else { return false }
            place += 2
        }
        return true
    }

    /// Options whose value is free text, which may look like an option: `iptables-save` quotes only what it must.
    private static let takesText: Set<String> = [
        "--comment", "--string", "--hex-string", "--name", "--hashlimit-name", "--rateest-name", "--bytecode", "-i",
        "-o",
    ]

    private var targetPlace: Int? {
        var place = 0
        while place < words.count {
            switch words[place] {
            case "-j", "-g", "--jump", "--goto": return place
            case let word: place += Self.takesText.contains(word) ? 2 : 1
            }
        }
        return nil
    }
}
