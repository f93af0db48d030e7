internal import CLinux
internal import Glibc

/// A network namespace that a lab made.
package struct Namespace: Sendable {
    /// The name, as `ip netns` knows it.
    package let name: String
    /// What keeps the namespace, inherited by the programs that run in it.
    let lifeline: Lifeline

    /// The file that stands for it.
    package let path: String

    /// A namespace that `ip netns` knows by a name, or one that a file stands for.
    init(name: String, lifeline: Lifeline, path: String? = nil) {
        self.name = name
        self.lifeline = lifeline
        self.path = path ?? "/run/netns/" + name
    }

    /// Runs something on a thread of its own in the namespace, and waits for it.
    ///
    /// Sockets that are opened, and programs that are started there, belong to the namespace from then on. The thread ends
    /// with the work, so that no other thread of the process is ever in the wrong namespace.
    package func run<Value>(_ body: () throws -> Value) throws -> Value {
        var outcome: Result<Value, any Error>?
        try withoutActuallyEscaping({ outcome = Result { try body() } }) { try Visit(path: path, body: $0).make() }
        guard let outcome else { throw LabError("nothing was run in the namespace \(name)") }
        return try outcome.get()
    }

    /// Sets a kernel parameter of the namespace: `net.ipv4.ip_forward`.
    package func setParameter(_ name: String, to value: String) throws {
        let file = "/proc/sys/" + String(name.map { $0 == "." ? "/" : $0 })
        try run {
            let descriptor = Descriptor(try check(open(file, O_WRONLY | O_CLOEXEC), "open \(file)"))
            let bytes = Array(value.utf8)
            guard write(descriptor.number, bytes, bytes.count) == bytes.count else {
                throw LabError(call: "write \(file)", errno: errno)
            }
        }
    }
}

/// One thread in a namespace.
private final class Visit {
    private let path: String
    private let body: () -> Void
    private var failure: Int32 = 0

    init(path: String, body: @escaping () -> Void) {
        self.path = path
        self.body = body
    }

    func make() throws {
        var thread = pthread_t()
        let created = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Visit>.fromOpaque(argument).takeUnretainedValue().enter() }
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        if created != 0 { throw LabError(call: "pthread_create", errno: created) }
        pthread_join(thread, nil)
        if failure != 0 { throw LabError(call: "enter \(path)", errno: failure) }
    }

    private func enter() {
        failure = seawall_enter_network_namespace(path)
        if failure == 0 { body() }
    }
}
