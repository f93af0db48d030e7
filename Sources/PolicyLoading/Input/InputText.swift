package import Diagnostics
internal import SystemPackage

/// The text of a file, or of standard input, before it is known what it holds.
package enum InputText {
    /// Whether a name stands for a policy in Swift: a folder, or a `.swift` file.
    package static func isPolicy(_ name: String) -> Bool {
        if name == "-" { return false }
        let path = FilePath(name)
        return path.extension == "swift" || (try? path.stat().type) == .directory
    }

    /// All bytes of a file; `-` is standard input.
    ///
    /// - Throws: `DiagnosticError` that names the file.
    package static func bytes(named name: String) throws(DiagnosticError) -> [UInt8] {
        do throws(Errno) {
            return name == "-"
                ? try FileReading.bytes(of: .standardInput) : try FileReading.bytes(of: FilePath(name))
        } catch {
            throw DiagnosticError.inputUnreadable(name == "-" ? "standard input" : name, error)
        }
    }
}
