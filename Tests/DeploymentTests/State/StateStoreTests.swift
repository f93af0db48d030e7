import Diagnostics
import FirewallIR
import JSONC
import PacketModel
import Testing

@testable import Deployment

/// What is kept of a host.
@Suite struct StateStoreTests {
    private func state(_ number: Int, _ cause: AppliedState.Cause = .apply) -> AppliedState {
        var settings = DeploymentSettings(.iptables)
        settings.families = [.ip6]
        settings.variant = .legacy
        settings.layout = "own-chain"
        settings.acceptMark = "0x1/0x1"
        settings.usesSets = true
        settings.hasTwin = true
        settings.namespace = "somewhere"
        return AppliedState(
            number: number, cause: cause, policy: "WebHost", time: 1_795_880_000, user: "ada", settings: settings,
            outcome: .confirmed)
    }

    @Test func whatIsWrittenIsRead() async throws {
        try await withFolder { folder in
            let store = StateStore(StateDirectory(folder.path + "/deep/down"))
            #expect(try store.head() == StateStore.Head())
            #expect(try store.states().isEmpty)
            let container = ProxyListener.Container(
                address: try #require(IPAddress("172.17.0.2")), port: 80, interface: "docker0")
            let listeners = [
                ProxyListener(family: .ip6, address: nil, transport: .tcp, port: 8080, container: container),
                ProxyListener(
                    family: .ip, address: IPAddress("192.0.2.1"), transport: .udp, port: 53, container: container),
            ]
            var first = state(1)
            first.window = .seconds(60)
            first.rules = 12
            try store.add(first, document: ["policy": "WebHost"], source: ["texts": []], listeners: listeners)
            try store.add(state(2, .rollback(to: 1)), document: ["policy": "Other"])
            try store.setHead(StateStore.Head(current: 2, confirmed: 1))
            #expect(try store.states() == [first, state(2, .rollback(to: 1))])
            #expect(try store.head() == StateStore.Head(current: 2, confirmed: 1))
            #expect(try store.current()?.number == 2)
            #expect(try store.document(of: 1) == ["policy": "WebHost"])
            #expect(try store.source(of: 1) == ["texts": []])
            #expect(try store.source(of: 2) == nil)
            #expect(try store.listeners(of: 1) == listeners)
            #expect(try store.listeners(of: 2).isEmpty)
            #expect(try store.nextNumber() == 3)
            try store.end(2, .expired)
            #expect(try store.state(2)?.outcome == .expired)
        }
    }

    @Test func theOldestStatesAreForgottenButForThoseInForce() async throws {
        try await withFolder { folder in
            let store = StateStore(StateDirectory(folder.path), keeping: 3)
            for number in 1...8 { try store.add(state(number, number == 6 ? .refresh : .apply), document: .null) }
            try store.setHead(StateStore.Head(current: 2, confirmed: 1))
            try store.prune()
            #expect(try store.states().map(\.number) == [1, 2, 5, 7, 8])
            #expect(try store.nextNumber() == 9)
        }
    }

    @Test func aFileThatSomebodyElseWroteIsNamed() async throws {
        try await withFolder { folder in
            let store = StateStore(StateDirectory(folder.path))
            _ = try folder.write("head.json", "{\"current\": \"two\"}")
            let error = #expect(throws: DiagnosticError.self) { try store.head() }
            #expect(
                error?.diagnostics.first?.message
                    == "'\(folder.path)/head.json' is not what Seawall wrote there: $.current: expected an integer, found a string"
            )
            #expect(error?.diagnostics.first?.id == "state-unreadable")
        }
    }

    @Test func theLockIsHeldByOneAtATime() async throws {
        try await withFolder { folder in
            let directory = StateDirectory(folder.path)
            let first = try await StateLock.take(directory)
            let error = await #expect(throws: DiagnosticError.self) {
                try await StateLock.take(directory, patience: .milliseconds(100))
            }
            #expect(error?.diagnostics.first?.id == "host-busy")
            first.release()
            try await StateLock.take(directory, patience: .milliseconds(100)).release()
        }
    }
}
