internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import Seawall
internal import Semantics
internal import Testing

extension PolicyUnderTest {
    /// Records what is wrong with the policy, with the question, or with the answer, at the line of the test.
    func check(
        _ form: FirewallIR.Expectation.Form, _ outcome: FirewallIR.Expectation.Outcome, _ connections: ConnectionsNode,
        at sourceLocation: Testing.SourceLocation
    ) {
        if let text = problem(form, outcome, connections) { Issue.record("\(text)", sourceLocation: sourceLocation) }
    }

    private func problem(
        _ form: FirewallIR.Expectation.Form, _ outcome: FirewallIR.Expectation.Outcome, _ connections: ConnectionsNode
    ) -> String? {
        switch self.outcome {
        case .failure(let failure): return "the policy does not compile:\n\(failure)"
        case .success(let ruleset):
            let place = NodeLocation(file: "", line: 0)
            do throws(DiagnosticError) {
                let known = Set(files.map(\.path))
                try PolicyDocument.refuse(
                    missing: connections.fileReferences.map(\.path).filter { !known.contains($0) })
                let packets = try ResolveConnections.run(connections, at: place, files: files)
                let expectation = FirewallIR.Expectation(
                    at: Diagnostics.SourceLocation(place), form, outcome, packets: packets)
                return expectation.diagnostic(CheckExpectation.run(expectation, in: ruleset, now: now))?.testText
            } catch {
                return error.diagnostics.map(\.testText).joined(separator: "\n")
            }
        }
    }
}

extension Diagnostic {
    /// The message and its notes without the place of the test, which stands above them.
    fileprivate var testText: String {
        let lines = notes.map { note in note.location.map { "\($0): \(note.message)" } ?? note.message }
        return ([message] + lines).joined(separator: "\n")
    }
}

extension ConnectionsNode {
    /// Connections in the words of the language.
    init(
        _ services: [Service], from: AddressSet, to: AddressSet, on interface: InterfaceSelection,
        via: InterfaceSelection, containerPort: PortSet, containerAddress: AddressSet, published: Bool?
    ) {
        self.init(
            services: services.map(\.node), from: from.expression, to: to.expression,
            inInterface: interface.expression, outInterface: via.expression, containerPort: containerPort.expression,
            containerAddress: containerAddress.expression, isPublished: published)
    }
}
