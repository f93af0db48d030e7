internal import FirewallIR

extension WayChange {
    /// What some rules ask for and others change; `nil` if there is nothing of the kind.
    ///
    /// A mark that is set to a value is followed. What is asked only before it is changed is taken for changed as well: that
    /// says less than it could, but nothing that is wrong.
    init?(_ rules: [FirewallRule], _ table: BoxTable) {
        let asked = table.askedDimensions
        let changes = rules.flatMap(\.effects)
        let matches = Set(rules.flatMap(\.allStages).flatMap(\.opaque).compactMap(\.positive.moduleName))
        if asked.contains(.mark), changes.contains(where: \.restoresMark) {
            self = .mark
        } else if asked.contains(.connectionMark), changes.contains(where: \.savesMark) {
            self = .connectionMark
        } else if matches.contains("recent"), rules.flatMap(\.allGuards).contains(where: { $0.moduleName == "recent" })
        {
            self = .recentList
        } else if matches.contains("set"), changes.contains(where: { $0.moduleName == "SET" }) {
            self = .set
        } else {
            return nil
        }
    }
}

extension Effect {
    fileprivate var restoresMark: Bool { if case .connectionMark(.restore) = self { true } else { false } }

    fileprivate var savesMark: Bool { if case .connectionMark(.save) = self { true } else { false } }

    fileprivate var moduleName: String? { if case .module(let name, _) = self { name } else { nil } }
}

extension OpaqueMatch {
    fileprivate var moduleName: String? { if case .module(let name, _) = self { name } else { nil } }
}

extension Guard {
    fileprivate var moduleName: String? { if case .module(let name, _) = self { name } else { nil } }
}
