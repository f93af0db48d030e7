package import SystemPackage

/// Where the parts of Seawall are that a policy is compiled and run with.
package struct Installation: Hashable, Sendable {
    /// The program `seawall`, which runs policies in a child process of itself.
    package var executable: FilePath
    /// The folder of the modules that a policy imports.
    package var modules: FilePath
    /// The folder of `libSeawall.a`.
    package var archives: FilePath
    /// The maps of the C modules that those modules import.
    package var moduleMaps: [FilePath]
    /// A file with the first line of `swiftc --version` of the compiler that Seawall was built with; absent in a development
    /// tree.
    package var compilerVersion: FilePath?
    /// The sources as a Swift package, which a policy package depends on.
    package var package: FilePath

    /// An installation from its parts.
    package init(
        executable: FilePath, modules: FilePath, archives: FilePath, moduleMaps: [FilePath], compilerVersion: FilePath?,
        package: FilePath
    ) {
        self.executable = executable
        self.modules = modules
        self.archives = archives
        self.moduleMaps = moduleMaps
        self.compilerVersion = compilerVersion
        self.package = package
    }

    /// The installed form: `Modules/`, `libSeawall.a`, `CJSONC/`, `CLinux/`, `swiftc-version` and `package/` in one folder.
    package init(library: FilePath, executable: FilePath) {
        self.init(
            executable: executable, modules: library.appending("Modules"), archives: library,
            moduleMaps: Self.mapNames.map { library.appending($0).appending("module.modulemap") },
            compilerVersion: library.appending("swiftc-version"), package: library.appending("package"))
    }

    /// A development tree: the build folder of the package, and the sources in a folder above it.
    package init?(build: FilePath) {
        let build = FileReading.realPath(build)
        guard FileReading.exists(build.appending("Modules")), let root = Self.packageRoot(above: build) else {
            return nil
        }
        let sources = root.appending("Sources")
        self.init(
            executable: build.appending("seawall"), modules: build.appending("Modules"), archives: build,
            moduleMaps: Self.mapNames.map { sources.appending($0).appending("module.modulemap") }, compilerVersion: nil,
            package: root)
    }

    /// The archive that a policy is linked with.
    package var archive: FilePath { archives.appending("libSeawall.a") }

    private static let mapNames = ["CJSONC", "CLinux"]

    private static func packageRoot(above folder: FilePath) -> FilePath? {
        var candidate = folder
        while candidate.removeLastComponent() {
            if FileReading.exists(candidate.appending("Sources").appending("CJSONC").appending("module.modulemap")) {
                return candidate
            }
        }
        return nil
    }
}
