internal import Diagnostics
internal import Glibc

/// Writes Seawall's units into a system, and takes them back.
package struct InstallUnits: Sendable {
    /// What was done to a file.
    package struct Act: Hashable, Sendable {
        /// What was done.
        package enum Kind: String, Hashable, Sendable {
            case wrote
            case linked
            case removed
            /// It was as it has to be already.
            case kept
        }

        /// What.
        package var kind: Kind
        /// The path.
        package var path: String
    }

    private let units: [SystemdUnit]
    private let folder: String

    /// Units for a system.
    ///
    /// - Parameters:
    ///   - units: the units.
    ///   - root: where the system's root is; that of a package or an image that is being built, if not `/`.
    package init(_ units: [SystemdUnit], root: String = "/") {
        self.units = units
        folder = (root.hasSuffix("/") ? String(root.dropLast()) : root) + "/etc/systemd/system"
    }

    /// Writes the units and the links that enable them.
    ///
    /// - Returns: what was done, in order.
    /// - Throws: `DiagnosticError` that names the file.
    package func install() throws -> [Act] {
        var acts: [Act] = []
        for unit in units {
            let path = "\(folder)/\(unit.name)"
            let bytes = Array(unit.text.utf8)
            if try DurableFiles.read(path) == bytes {
                acts.append(Act(kind: .kept, path: path))
            } else {
                try DurableFiles.makeFolder(folder, mode: 0o755)
                try DurableFiles.write(bytes, to: path, mode: 0o644)
                acts.append(Act(kind: .wrote, path: path))
            }
            for name in unit.enabledBy { acts.append(try link(unit, in: name)) }
        }
        return acts
    }

    /// Removes the links and the units; what is not there is passed over.
    ///
    /// - Returns: what was done, in order.
    /// - Throws: `DiagnosticError` that names the file.
    package func uninstall() throws -> [Act] {
        var acts: [Act] = []
        for unit in units.reversed() {
            let links = unit.enabledBy.map { "\(folder)/\($0)/\(unit.name)" }
            for path in links + ["\(folder)/\(unit.name)"] {
                if unlink(path) == 0 {
                    acts.append(Act(kind: .removed, path: path))
                } else if errno != ENOENT && errno != ENOTDIR {
                    throw DiagnosticError.stateUnusable("remove", path, reason: String(cString: strerror(errno)))
                }
            }
            // A folder of links that is empty now was made for ours.
            for name in unit.enabledBy { rmdir("\(folder)/\(name)") }
        }
        return acts
    }

    private func link(_ unit: SystemdUnit, in name: String) throws -> Act {
        let path = "\(folder)/\(name)/\(unit.name)"
        try DurableFiles.makeFolder("\(folder)/\(name)", mode: 0o755)
        if symlink("../\(unit.name)", path) == 0 { return Act(kind: .linked, path: path) }
        guard errno == EEXIST else {
            throw DiagnosticError.stateUnusable("write", path, reason: String(cString: strerror(errno)))
        }
        return Act(kind: .kept, path: path)
    }
}
