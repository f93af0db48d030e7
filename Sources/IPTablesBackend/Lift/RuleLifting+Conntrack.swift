internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads one instance of `-m conntrack`.
    ///
    /// The options that no field of the model holds (the reply tuple, the expiry, masks with many gaps) stay as they are
    /// written. Where they are asked only for packets with an entry, each stands for itself beside the rest; where some packets
    /// pass by their state alone, the instance stays whole.
    mutating func addConntrack(_ match: ConntrackMatch) throws(LiftRefusal) {
        var known = match
        let others = try known.takeOpaque(family)
        switch match.passage {
        case _ where others.isEmpty, .withoutEntry: break
        case .withEntry:
            for other in others { addOpaque(other.isNegated ? .not(other.value) : other.value) }
        case .either:
            addOpaque(.module(name: "conntrack", options: IPTablesMatch.conntrack(match).optionWords))
            return
        }
        let family = family
        try multiply { box throws(LiftRefusal) in try known.parts(of: box, family) }
    }
}

extension IPTablesMatch {
    /// The words behind `-m NAME`, of a match no value of which holds a blank.
    var optionWords: [String] { text.split(separator: " ").dropFirst(2).map(String.init) }
}

extension ConntrackMatch {
    /// Which packets an instance can let pass.
    fileprivate enum Passage {
        /// Those without an entry alone: no other option is ever asked.
        case withoutEntry
        /// Those with an entry alone: all options are asked.
        case withEntry
        case either
    }

    fileprivate var passage: Passage {
        guard let state else { return .withEntry }
        let states = state.isNegated ? ConntrackStateSet.all.subtracting(state.value.states) : state.value.states
        if states.isDisjoint(with: .withoutEntry) { return .withEntry }
        let hasVirtual = !state.value.translated.isEmpty
        return states.isDisjoint(with: .tracked) && !(hasVirtual && !state.isNegated) ? .withoutEntry : .either
    }

    /// Takes out the options that the model does not hold: each as a match of its own, which demands an entry.
    fileprivate mutating func takeOpaque(_ family: AddressFamily) throws(LiftRefusal) -> [Negatable<OpaqueMatch>] {
        var found: [Negatable<OpaqueMatch>] = []
        if let test = originalSource, try test.addresses(in: family) == nil {
            found.append(test.opaque { $0.originalSource = $1 })
            originalSource = nil
        }
        if let test = originalDestination, try test.addresses(in: family) == nil {
            found.append(test.opaque { $0.originalDestination = $1 })
            originalDestination = nil
        }
        if let test = replySource { found.append(test.opaque { $0.replySource = $1 }) }
        if let test = replyDestination { found.append(test.opaque { $0.replyDestination = $1 }) }
        if let test = replySourcePort { found.append(test.opaque { $0.replySourcePort = $1 }) }
        if let test = replyDestinationPort { found.append(test.opaque { $0.replyDestinationPort = $1 }) }
        if let test = expiry { found.append(test.opaque { $0.expiry = $1 }) }
        replySource = nil
        replyDestination = nil
        replySourcePort = nil
        replyDestinationPort = nil
        expiry = nil
        return found
    }
}

extension Negatable {
    /// An option of conntrack as an instance of its own, without its sign.
    fileprivate func opaque(_ set: (inout ConntrackMatch, Negatable) -> Void) -> Negatable<OpaqueMatch> {
        var match = ConntrackMatch()
        set(&match, Negatable(value))
        let words = IPTablesMatch.conntrack(match).optionWords
        return map { _ in .module(name: "conntrack", options: words) }
    }
}
