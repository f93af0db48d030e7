package import Diagnostics
package import IPTablesBackend
package import PacketModel

/// How the rules are put into the host's tables.
package struct IPTablesOptions: Hashable, Sendable {
    /// In which chain the rules begin; the one that the host asks for, if none is named.
    package var layout: IPTablesLayout?
    /// Makes `DOCKER-USER` and its jump at the top of FORWARD where they are missing.
    package var withoutDocker: Bool
    /// Comment lines at the top of the documents.
    package var header: [String]

    /// Options.
    package init(layout: IPTablesLayout? = nil, withoutDocker: Bool = false, header: [String] = []) {
        self.layout = layout
        self.withoutDocker = withoutDocker
        self.header = header
    }
}

/// What is to be done to the tables of a host.
package struct IPTablesPlan: Hashable, Sendable {
    /// Which variant is written.
    package var variant: IPTablesVariant
    /// One transaction a family, IPv4 first.
    package var families: [IPTablesFamilyPlan]
    /// What becomes of the sets of addresses that rules ask.
    package var sets = IPSetPlan()
    /// What the user should know before it is done.
    package var warnings: [Diagnostic] { families.flatMap(\.warnings) }
}

/// The one transaction of a family.
package struct IPTablesFamilyPlan: Hashable, Sendable {
    /// The family.
    package var family: AddressFamily
    /// In which chain the rules begin.
    package var layout: IPTablesLayout
    /// What `iptables-restore --noflush` is given.
    package var document: IPTablesDocument
    /// The text with which `iptables-restore --noflush --counters` puts everything back.
    package var undo: String
    /// The table as it was read.
    package var filter: IPTablesFilter
    /// What the plan is made for: another state is not written over.
    package var before: IPTablesSeen
    /// What has to be there afterwards.
    package var after: IPTablesExpectation
    /// Rules of others that stay in `DOCKER-USER`.
    package var keptRules: [SaveRule]
    /// Whether the filter table exists already, so that a test leaves no trace.
    package var hasTable: Bool
    /// What the user should know.
    package var warnings: [Diagnostic]
}

/// The part of a filter table that a plan rests on; counters are no part of it.
package struct IPTablesSeen: Hashable, Sendable {
    /// The words of the rules of `DOCKER-USER` and of our chains, by chain.
    package var chains: [String: [[String]]]
    /// Whether `DOCKER-USER` is reached.
    package var reach: ChainReach
    /// The positions of our jumps in INPUT, from 1.
    package var inputJumps: [Int]

    init(_ filter: IPTablesFilter) {
        let names = filter.table.chains.filter { $0.name == IPTablesNames.dockerUser || IPTablesFilter.isOwn($0.name) }
        chains = Dictionary(names.map { ($0.name, $0.rules.map(\.words)) }) { first, _ in first }
        reach = filter.table.reach(of: IPTablesNames.dockerUser)
        inputJumps = InputRules(filter.table).jumps.map(\.position)
    }
}

/// What a filter table has to hold after a transaction.
package struct IPTablesExpectation: Hashable, Sendable {
    /// A rule by what is recognised of it.
    package struct Rule: Hashable, Sendable, CustomStringConvertible {
        /// Its comment.
        package var comment: String
        /// Its verdict, extension or chain.
        package var target: String

        /// `sw:a1 text (DROP)`.
        package var description: String { "\(comment) (\(target))" }
    }

    /// The rules of our chains, and of `DOCKER-USER` where its content is ours.
    package var chains: [String: [Rule]]
    /// The exact rules of `DOCKER-USER` where it is shared.
    package var shared: [[String]]?
    /// Chains that are gone.
    package var removed: [String]
    /// Whether our jump stands at the top of INPUT; otherwise it stands nowhere there.
    package var hasInputJump: Bool
}
