extension Strictness {
    /// What is the same for every packet where two rule sets are equal: `verdict, and answer where it is rejected`.
    package var text: String {
        switch self {
        case .verdict: "verdict (a reject counts as a drop)"
        case .reject: "verdict, and answer where it is rejected"
        case .effects: "verdict, answer where it is rejected, log lines, marks, and limits that are used up"
        }
    }
}
