package import Diagnostics
package import FirewallIR
internal import PacketModel

/// Adds the twin of what Docker forwards at the input hook, for the connections that docker-proxy accepts:
/// `Ruleset -> Ruleset` (docs/decisions/0017-twin-at-input.md).
///
/// Each scope `containers` gets a scope `proxied` beside it. Its entry chain lets everything pass but packets to the sockets
/// of docker-proxy; these are judged by the rules of `containers`, as if they had been translated to the container behind the
/// socket:
///
/// - What a client dialled (the original tuple) is the same at both hooks, so that rules about it stay as they are.
/// - Container addresses and ports, interfaces towards containers, whether the destination was translated, and the type of
///   its address are those of the container behind the socket (`ProxiedBoxes`). Where its address is of the other family, as
///   with IPv6 clients of a container without IPv6, `containerAddress` means the address that it has.
/// - `Accept` is *leave*: behind it comes the host's own filter, and Docker has nothing there to override.
/// - Limits and other stateful guards, and effects such as log lines, are instances of their own at each hook: no engine can
///   share them. So a rate holds at each of both. `TCPMSS` is left out, since docker-proxy ends the connections that it accepts.
/// - Packets that enter at `lo` are the host's own connections, which the forward hook never sees: they pass.
///
/// Rules keep their identifiers and places, so that counters and log lines of both hooks lead to the same lines.
package enum AddInputTwin {
    /// Adds it.
    ///
    /// - Parameters:
    ///   - ruleset: the rules, before any other pass.
    ///   - listeners: the sockets of docker-proxy.
    /// - Returns: the rule set with the twin; the same where docker-proxy does not listen, or no rule could match there.
    /// - Throws: `DiagnosticError` with every rule that asks for what cannot be known at the input hook, or if one socket is
    ///   said to lead to two containers.
    package static func run(_ ruleset: Ruleset, listeners: [ProxyListener]) throws(DiagnosticError) -> Ruleset {
        let sockets = try ProxySockets(listeners)
        guard !sockets.isEmpty else { return ruleset }
        var names = Set(ruleset.scopes.flatMap(\.chains).map(\.name))
        var result = ruleset
        var refusals: [Diagnostic] = []
        for scope in ruleset.scopes where scope.hook == .containers {
            var making = TwinScope(scope, sockets, &names)
            if let twin = making.run() { result.scopes.append(twin) }
            refusals += making.refusals
        }
        guard refusals.isEmpty else { throw DiagnosticError(.refused, refusals) }
        let mistakes = result.validate()
        guard mistakes.isEmpty else { throw DiagnosticError(.findings, mistakes) }
        return result
    }
}
