package import FirewallIR

/// A small change to a rule set, as translators, optimisers and people make it by mistake.
package enum Mutation: String, CaseIterable, Hashable, Sendable {
    // Fields of a box.
    case negationLost, portUp, portDown, prefixLonger, prefixShorter, directionLost, protocolLost, interfaceLost
    case interfaceNegated, addressesSwapped, absenceFlipped, icmpCodeLost, tcpFlagsChanged, fragmentFlipped
    case markValueChanged, markMaskChanged, familyRestricted, boxesMerged
    // What only conntrack's matches get wrong.
    case stateWidened, conntrackShortCircuit, originalPortReplaced, statusBitsChanged
    // Verdicts.
    case acceptForLeave, dropForLeave, returnForFinal, jumpForGoto, gotoForJump, rejectKindChanged
    // Order.
    case neighboursSwapped, ruleDeleted, ruleDuplicated, ruleMoved
    // What is no function of the fields.
    case limitRateChanged, limitBurstChanged, limitMoved, guardDuplicated, guardLost, opaqueDropped, instantChanged
    case opaqueNegated, stageLost, stageFirst
    // The policy.
    case policyChanged
    // What is done besides.
    case logPrefixChanged, setMarkChanged, effectLost, logFlagsChanged, connectionMarkChanged, queueChanged

    /// Whether it changes what guards do or whom they see, so that no proof may relate the two rule sets.
    package var concernsGuards: Bool {
        switch self {
        case .limitRateChanged, .limitBurstChanged, .limitMoved, .guardDuplicated, .guardLost, .stageFirst, .stageLost:
            true
        default: false
        }
    }

    /// The rule set with one such change, at a place that chance picks; `nil` where there is none.
    ///
    /// The result is valid, and is not the same text; it may mean the same.
    package func apply(to ruleset: Ruleset, random: inout SeededGenerator) -> Mutant? {
        changed(ruleset, &random).map {
            Mutant(ruleset: $0.ruleset, description: "\(rawValue) \($0.description)")
        }
    }

    private func changed(_ ruleset: Ruleset, _ random: inout SeededGenerator) -> Mutant? {
        if let change = boxChange { return ruleset.changingBox(&random, change) }
        if let change = ruleChange { return ruleset.changingRule(&random, change) }
        return ruleset.changingPlace(&random, placeChange)
    }
}

/// A rule set with a small change.
package struct Mutant: Hashable, Sendable {
    /// The changed rule set.
    package var ruleset: Ruleset
    /// What was changed, for the message of a test.
    package var description: String
}
