/// A step of a change of the host, after which a crash, or at which a failure, is survived.
///
/// docs/hosts.md has the table of what becomes of the host after a kill at each of them; tests make it.
package enum DeploymentStep: String, CaseIterable, Hashable, Sendable {
    // A change, in order.
    /// The right to change the host was taken.
    case locked
    /// What is live now was read.
    case snapshotTaken = "snapshot-taken"
    /// The new state and its policy are on disk.
    case stateKept = "state-kept"
    /// What was live is on disk.
    case snapshotKept = "snapshot-kept"
    /// The journal says that a change is under way.
    case changeBegun = "change-begun"
    /// The watchdog runs and has said so.
    case watchdogArmed = "watchdog-armed"
    /// The sets of addresses of the new rules were made.
    case setsMade = "sets-made"
    /// The rules of IPv4 were loaded into iptables.
    case rulesLoaded = "rules-loaded-ip"
    /// The rules of IPv6 were loaded into ip6tables.
    case rules6Loaded = "rules-loaded-ip6"
    /// The nft table was loaded.
    case tableLoaded = "table-loaded"
    /// The sets that nothing asks any more were taken away.
    case setsRemoved = "sets-removed"
    /// What is live was read back, and is what was meant.
    case proved
    /// It is on disk which state is in force.
    case headWritten = "head-written"
    /// The journal says that no change is under way.
    case changeEnded = "change-ended"

    // A migration from iptables to nft, in the place of the steps that load rules; and its way back.
    /// The table was read back, and is what was meant.
    case tableProved = "table-proved"
    /// Both were in force, and agreed.
    case observed
    /// The rules of IPv4 were taken out of `DOCKER-USER`.
    case rulesTakenOut = "rules-taken-out-ip"
    /// The rules of IPv6 were taken out of `DOCKER-USER`.
    case rules6TakenOut = "rules-taken-out-ip6"
    /// The rules of IPv4 are in `DOCKER-USER` again.
    case rulesPutBack = "rules-put-back-ip"
    /// The rules of IPv6 are in `DOCKER-USER` again.
    case rules6PutBack = "rules-put-back-ip6"
    /// Our nft table was removed.
    case tableRemoved = "table-removed"

    // What an iptables backend of Docker's leaves behind is taken away, or put back.
    /// FORWARD of IPv4 stops nothing by its policy, and leads to no `DOCKER-USER`.
    case leftoversOut = "leftovers-out-ip"
    /// The same of IPv6.
    case leftovers6Out = "leftovers-out-ip6"
    /// The policy and the jump of IPv4 are as they were.
    case leftoversBack = "leftovers-back-ip"
    /// The same of IPv6.
    case leftovers6Back = "leftovers-back-ip6"

    // A confirmation.
    /// The right to change the host was taken.
    case confirmLocked = "confirm-locked"
    /// It is on disk that the state is confirmed.
    case confirmed
    /// The journal says that no change is under way.
    case confirmEnded = "confirm-ended"

    // The way back.
    /// The journal says that the way back was begun.
    case restoreBegun = "restore-begun"
    /// The sets that former rules ask are there.
    case setsRestored = "sets-restored"
    /// The former rules of IPv4 are in iptables.
    case rulesRestored = "rules-restored-ip"
    /// The former rules of IPv6 are in ip6tables.
    case rules6Restored = "rules-restored-ip6"
    /// Our nft table is as it was.
    case tableRestored = "table-restored"
    /// What is live was read back, and is as it was.
    case restoreProved = "restore-proved"
    /// It is on disk which state is in force.
    case restoreHeadWritten = "restore-head-written"
    /// The journal says that no change is under way.
    case restoreEnded = "restore-ended"
}

extension DeploymentStep {
    /// The steps that only migrations have.
    package static let ofMigrations: Set<DeploymentStep> = [
        .tableProved, .observed, .rulesTakenOut, .rules6TakenOut, .rulesPutBack, .rules6PutBack, .tableRemoved,
        .leftoversOut, .leftovers6Out, .leftoversBack, .leftovers6Back,
    ]
}

/// Is told of each step; tests kill the process or fail there.
package protocol DeploymentSteps: Sendable {
    /// A step was reached.
    ///
    /// - Throws: what a failure of the step would throw.
    func reached(_ step: DeploymentStep) async throws
}

/// Nobody is told.
package struct NoDeploymentSteps: DeploymentSteps {
    /// Nobody.
    package init() {}

    package func reached(_ step: DeploymentStep) async throws {}
}
