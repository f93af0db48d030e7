internal import Diagnostics
internal import IPTablesBackend
internal import PacketModel

/// Takes away what an iptables backend of Docker's leaves behind in FORWARD, or puts it back; all else stays.
package struct MakeReady: Sendable {
    let host: ManagedHost

    /// What is left on a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Sees to it that all is as it was when it was decided what is done.
    ///
    /// - Throws: `DiagnosticError` if somebody has changed a place meanwhile.
    package func requireUntouched(_ places: [ReadiedPlace]) async throws {
        for place in places {
            let filter = try await read(place)
            guard place.isUntouched(filter) else { throw DiagnosticError.concurrentChange(filter) }
        }
    }

    /// Does it, one transaction for each place.
    ///
    /// - Throws: `DiagnosticError` if the tool refuses.
    package func run(_ places: [ReadiedPlace]) async throws {
        for place in places {
            try await load(place.text, place)
            try await host.steps.reached(place.family == .ip ? .leftoversOut : .leftovers6Out)
        }
    }

    /// Sees to it that it is done.
    ///
    /// - Throws: `DiagnosticError` if what is live is something else.
    package func require(_ places: [ReadiedPlace]) async throws {
        for place in places {
            let filter = try await read(place)
            guard place.isDone(filter) else {
                throw DiagnosticError.readBack(filter, ["FORWARD has another policy or another jump than was loaded"])
            }
        }
    }

    /// Puts all back to what it was; what others have changed meanwhile stays.
    ///
    /// - Throws: `DiagnosticError` if the tool refuses.
    package func undo(_ places: [ReadiedPlace]) async throws {
        for place in places {
            let filter = try await read(place)
            let restoration = FilterRestoration(former: place.undone(in: filter), now: filter, readied: place)
            if let text = restoration.text { try await load(text, place) }
            try await host.steps.reached(place.family == .ip ? .leftoversBack : .leftovers6Back)
        }
    }

    private func read(_ place: ReadiedPlace) async throws -> IPTablesFilter {
        try await IPTablesFilter.read(place.variant, place.family, tools: host.tools, in: host.namespace)
    }

    private func load(_ text: String, _ place: ReadiedPlace) async throws {
        let options = ["--noflush", "--counters", "--wait", "30"]
        let result = try await host.tools.run(HostToolCall(place.tool, options, input: text, in: host.namespace))
        guard result.code == 0 else { throw DiagnosticError.restoreRefused(place.tool, result) }
    }
}
