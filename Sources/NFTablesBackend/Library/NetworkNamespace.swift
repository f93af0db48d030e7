internal import CLinux

/// A network namespace by the file that stands for it.
package struct NetworkNamespace: Hashable, Sendable, CustomStringConvertible {
    /// The name or path that the user gave.
    package let name: String

    /// The namespace of a name, as `ip netns` knows it, or of a path.
    package init(_ name: String) { self.name = name }

    /// `/run/netns/NAME`, or the path.
    package var path: String { name.contains("/") ? name : "/run/netns/\(name)" }

    package var description: String { name }

    /// Moves the calling thread there for good.
    ///
    /// - Returns: 0, or the `errno` value of `open` or `setns`.
    package func enter() -> Int32 { seawall_enter_network_namespace(path) }

    /// Moves the calling process, which has one thread, into a new namespace that nobody else sees.
    ///
    /// - Returns: 0, or the `errno` value of `unshare`.
    static func enterNew() -> Int32 { seawall_new_network_namespace() }
}
