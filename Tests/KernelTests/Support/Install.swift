import Glibc
import PacketLab
import Seawall
import Testing

/// A policy whose content is a value, so that a table of cases can hold it.
struct ValuePolicy: Policy {
    @TaskLocal static var content = PolicyContent([])

    var body: PolicyContent { Self.content }
}

/// Applies a policy to the router of a lab, with `seawall apply` itself.
func install(_ policy: (some Policy).Type, backend: Backend, in lab: Lab, options: [String] = []) throws -> Program {
    let path = lab.folder + "/policy.json"
    try write(policy.document(), to: path)
    // Each time a host that Seawall has never seen.
    let state = lab.folder + "/state-" + String(UInt64.random(in: 0 ... .max), radix: 36)
    let environment = ["SEAWALL_STATE_DIR": state + "/lib", "SEAWALL_CONFIG_DIR": state + "/etc", "TMPDIR": lab.folder]
    let router = lab[.router]
    let arguments = [try seawall(), "apply", path] + backend.arguments + ["--netns", router.name] + options
    return try Program.run(arguments, in: router, environment: environment)
}

/// Applies content as a policy.
func install(_ content: PolicyContent, backend: Backend, in lab: Lab, options: [String] = []) throws -> Program {
    try ValuePolicy.$content.withValue(content) {
        try install(ValuePolicy.self, backend: backend, in: lab, options: options)
    }
}

/// The command: `SEAWALL_BINARY`, or the one that was built beside these tests.
func seawall() throws -> String {
    if let path = getenv("SEAWALL_BINARY") { return String(cString: path) }
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path =
        own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/seawall"
    try #require(access(path, X_OK) == 0, "there is no command at \(path); SEAWALL_BINARY says where it is")
    return path
}

/// Writes a file of the lab.
func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// The text of a file.
func text(of path: String) throws -> String {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}
