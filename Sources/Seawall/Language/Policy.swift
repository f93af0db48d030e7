/// A policy: the firewall of a Docker host, written once for IPv4 and IPv6, and for iptables and nft.
///
/// ```swift
/// import Seawall
///
/// @main
/// struct WebHost: Policy {
///     var body: PolicyContent {
///         Containers {
///             Inbound(on: "eth0") {
///                 Allow(.tcp(443))
///                 Default(.drop)
///             }
///         }
///     }
/// }
/// ```
public protocol Policy {
    /// A policy takes no parameters; what varies is computed in it.
    init()

    /// What the policy says.
    @PolicyBuilder var body: PolicyContent { get }
}

/// A named group: it changes nothing but how the policy reads.
public struct Group: PolicyComponent {
    /// The group.
    public let content: PolicyContent

    /// A group of rules or scopes.
    public init(
        _ name: String, file: String = #filePath, line: Int = #line, @PolicyBuilder _ body: () -> PolicyContent
    ) {
        content = PolicyContent([
            .group(GroupNode(location: NodeLocation(file: file, line: line), name: name, children: body().nodes))
        ])
    }
}
