internal import Diagnostics
internal import Glibc

/// The units that a migration writes, so that a start of the host loads what it led to; the way back takes them away again.
package struct MigrationUnits: Sendable {
    private let units: InstallUnits
    private let directory: StateDirectory

    /// Units for a system.
    ///
    /// - Parameters:
    ///   - units: the units.
    ///   - directory: where it is remembered that a migration wrote them.
    package init(_ units: InstallUnits, _ directory: StateDirectory) {
        self.units = units
        self.directory = directory
    }

    /// Writes them.
    ///
    /// - Returns: what was done; nothing was, where they were there already.
    /// - Throws: `DiagnosticError` that names the file.
    package func write() throws -> [InstallUnits.Act] {
        let acts = try units.install().filter { $0.kind != .kept }
        if !acts.isEmpty { try DurableFiles.write([], to: directory.unitsOfMigration) }
        return acts
    }

    /// Takes them away, if a migration wrote them.
    ///
    /// - Returns: what was done.
    /// - Throws: `DiagnosticError` that names the file.
    package func takeBack() throws -> [InstallUnits.Act] {
        guard try DurableFiles.read(directory.unitsOfMigration) != nil else { return [] }
        let acts = try units.uninstall()
        guard unlink(directory.unitsOfMigration) == 0 else {
            throw DiagnosticError.stateUnusable(
                "remove", directory.unitsOfMigration, reason: String(cString: strerror(errno)))
        }
        return acts
    }
}
