internal import Glibc

/// Network namespaces that are there as long as this value is, whatever becomes of the process.
package final class ScratchNamespaces: Sendable {
    private let reaper: Reaper
    private let namespaces: [Namespace]

    /// Makes empty namespaces.
    ///
    /// - Parameter names: told apart by these; on the host each bears this process's number as well.
    /// - Throws: `LabError` if one cannot be made; then none is left.
    package init(_ names: [String]) throws {
        let full = names.map { "seawall-\(getpid())-\($0)" }
        // A folder that nobody makes: nothing but namespaces is to be removed.
        let reaper = try Reaper(namespaces: full, folder: "/tmp/" + (full.first ?? "seawall-none"))
        self.reaper = reaper
        namespaces = full.map { Namespace(name: $0, lifeline: reaper.lifeline) }
        do {
            try Program.demandOutside(["ip", "-batch", "-"], input: full.map { "netns add \($0)\n" }.joined())
        } catch {
            reaper.finish()
            throw error
        }
    }

    /// A namespace, by its place in the list of names.
    package subscript(index: Int) -> Namespace { namespaces[index] }

    /// Removes the namespaces, and waits for it.
    package func close() { reaper.finish() }
}
