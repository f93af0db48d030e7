internal import Diagnostics
internal import FoundationEssentials
package import SystemPackage

extension Installation {
    /// The installation that the running program belongs to: `$SEAWALL_LIBRARY_DIR`, then `../lib/seawall` beside the
    /// program's folder, then a development tree that was built there.
    ///
    /// Whether it is complete shows when a policy needs it: documents are read without.
    ///
    /// - Parameters:
    ///   - executable: the program; by default the one that runs.
    ///   - environment: where `SEAWALL_LIBRARY_DIR` is looked up.
    /// - Returns: what was found, or where it is expected.
    package static func find(
        executable: FilePath = FileReading.realPath("/proc/self/exe"),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Installation {
        if let library = environment["SEAWALL_LIBRARY_DIR"], !library.isEmpty {
            return Installation(library: FileReading.realPath(FilePath(library)), executable: executable)
        }
        let folder = FileReading.realPath(executable).removingLastComponent()
        let library = folder.removingLastComponent().appending("lib").appending("seawall")
        if FileReading.exists(library) { return Installation(library: library, executable: executable) }
        return Installation(build: folder) ?? Installation(library: library, executable: executable)
    }

    /// Says what is missing.
    ///
    /// - Throws: `DiagnosticError` that names the first file that is not there.
    func check() throws {
        let needed = [executable, modules.appending("Seawall.swiftmodule"), archive] + moduleMaps
        guard let missing = needed.first(where: { !FileReading.exists($0) }) else { return }
        throw DiagnosticError.installationIncomplete(missing.string)
    }

    /// What tells one build of Seawall from another where the version is the same: the archive's size and time.
    var identity: String { FileIdentity(of: archive)?.text ?? "" }
}
