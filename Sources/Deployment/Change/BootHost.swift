/// Brings a host that has just started into its last confirmed state.
package struct BootHost: Sendable {
    let host: ManagedHost

    /// The start of a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Loads the last confirmed state; a change that was not confirmed before the start is forgotten.
    ///
    /// - Parameter load: loads a state, and proves that it is live.
    /// - Returns: the state; nothing, if none is confirmed.
    /// - Throws: what `load` throws, or `DiagnosticError` if the state directory cannot be used.
    package func run(_ load: (AppliedState) async throws -> Void) async throws -> AppliedState? {
        let lock = try await StateLock.take(host.store.directory)
        defer { lock.release() }
        try await host.steps.reached(.locked)
        if let change = try host.store.pendingChange() { try host.store.dropChangeOfFormerBoot(change) }
        guard let confirmed = try host.store.head().confirmed, let state = try host.store.state(confirmed) else {
            return nil
        }
        try await load(state)
        try host.store.setHead(StateStore.Head(current: confirmed, confirmed: confirmed))
        try await host.steps.reached(.headWritten)
        return state
    }
}
