import Deployment
import Diagnostics
import IPTablesBackend
import NFTablesBackend
import PacketModel
import Testing

/// What is said of a former policy in the other backend.
@Suite struct LeftoverTests {
    @Test(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
    func rulesInTheOtherBackendAreNamed() async throws {
        try await withNamespace { host in
            let tools = HostTools(executable: TestExecutable.path)
            let nft = NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace)
            func state() async throws -> LoadedState {
                try await LoadedState.read(tools: tools, nft: nft, namespace: host.namespace)
            }
            #expect(try await state().leftovers(besides: true) == [])
            #expect(try await state().leftovers(besides: false) == [])

            try await NFTApplier(runner: nft).apply(NFTDocuments.replacing([("forward4", ["sw:a one"])]))
            #expect(try await state().leftovers(besides: true) == [])
            #expect(
                try await state().leftovers(besides: false).map(\.message) == [
                    "the nft table inet seawall still holds a former policy: packets have to pass it as well"
                ])

            let applier = IPTablesApplier(tools: tools, variant: .legacy, namespace: host.namespace)
            let plan = try await applier.plan(
                [Programs.drops(.ip, "7mskty9j")], options: IPTablesOptions(withoutDocker: true))
            try await applier.apply(plan)
            #expect(
                try await state().leftovers(besides: true).map(\.message) == [
                    "iptables-legacy still holds rules of a former policy of Seawall's: packets have to pass them as well"
                ])
        }
    }
}
