import Testing

@testable import Deployment

/// The deadline of a change is one of the kernel's clock since boot.
@Suite struct ClockTests {
    /// A clock that a test sets.
    private struct SetClock: HostClock {
        var sinceBoot: Duration
        var now: Int64
        var bootID = "one"
    }

    private func change(deadline: Duration) -> PendingChange {
        PendingChange(
            target: 1, phase: .unconfirmed, former: StateStore.Head(), bootID: "one", applier: nil, deadline: deadline,
            window: .seconds(60), namespace: nil)
    }

    @Test func settingTheTimeChangesNothing() {
        let change = change(deadline: .seconds(160))
        for now in [Int64(0), 1_795_880_000, 4_000_000_000] {
            #expect(change.left(SetClock(sinceBoot: .seconds(100), now: now)) == .seconds(60))
            #expect(change.left(SetClock(sinceBoot: .seconds(161), now: now)) == .zero)
        }
    }

    @Test func theKernelsClockRuns() async throws {
        let clock = KernelClock()
        let first = clock.sinceBoot
        try await Task.sleep(for: .milliseconds(20))
        #expect(clock.sinceBoot - first >= .milliseconds(20))
        #expect(clock.bootID.count == 36)
    }

    @Test func theJournalIsReadAsItWasWritten() throws {
        var change = change(deadline: .milliseconds(160_250))
        change.applier = ProcessIdentity.own
        change.namespace = "somewhere"
        change.former = StateStore.Head(current: 3, confirmed: 2)
        #expect(try PendingChange(json: change.json) == change)
        #expect(change.applier?.isAlive == true)
    }
}
