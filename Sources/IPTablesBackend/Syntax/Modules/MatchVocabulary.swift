/// The matches that are known, by their names.
enum MatchVocabulary {
    static let forms: [String: MatchForm] = Dictionary(
        uniqueKeysWithValues: (TransportMatches.all + ICMPMatches.all + ConntrackMatches.all + PacketMatches.all
            + RateMatches.all + KeptMatches.all + ListMatches.all + [TimeMatches.time, StringMatches.string, U32Matches.u32])
            .map { ($0.table.module, $0) })
}

/// The targets that are known, by their names; verdicts and chains are no extensions.
enum TargetVocabulary {
    static let forms: [String: TargetForm] = Dictionary(
        uniqueKeysWithValues: (AnswerTargets.all + MarkTargets.all + KeptTargets.all).map { ($0.table.module, $0) })
}
