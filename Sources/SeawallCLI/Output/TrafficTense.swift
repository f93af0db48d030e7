/// What two rule sets are to each other where their difference is told.
enum TrafficTense {
    /// Rules as they were, and as they are.
    case changed
    /// Rules as they are, and as they will be.
    case planned
    /// Rules as they should be, and as they are.
    case drifted

    /// `was dropped, will be allowed`.
    func words(_ first: String, _ second: String) -> String {
        switch self {
        case .changed: "was \(first), is \(second)"
        case .planned: "was \(first), will be \(second)"
        case .drifted: "should be \(first), is \(second)"
        }
    }

    /// The word before the rules of the first side.
    var before: String { self == .drifted ? "meant by" : "was" }
    /// What a line of the difference is.
    var noun: String { self == .drifted ? "difference" : "change" }
    /// That there is no difference.
    var nothing: String { self == .drifted ? "no traffic is treated otherwise than meant" : "no traffic changes" }
    /// What is said of packets that are no part of the difference.
    var unchanged: String { self == .drifted ? "as meant" : "as before" }
}
