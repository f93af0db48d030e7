internal import FoundationEssentials
package import SystemPackage

extension PolicyLoader {
    /// What a policy may see and use.
    package struct Options: Sendable {
        /// What the policy's program gets as arguments.
        package var arguments: [String] = []
        /// The variables that the policy sees; none of the user's own is passed on.
        package var environment: [String: String] = [:]
        /// How many seconds a policy may run.
        package var timeLimit = 10
        /// How many seconds the files of a policy may take to compile.
        package var compileTimeLimit = 120
        /// How many seconds a policy package may take to build.
        package var buildTimeLimit = 600
        /// How many bytes of memory a policy may use.
        package var memoryLimit = 1 << 30
        /// Where documents are kept; without it nothing is.
        package var cacheDirectory: FilePath?

        /// The defaults.
        ///
        /// - Parameter cacheDirectory: where documents are kept; without it nothing is.
        package init(cacheDirectory: FilePath? = Options.defaultCacheDirectory()) {
            self.cacheDirectory = cacheDirectory
        }

        /// `$SEAWALL_CACHE_DIR`, else `$XDG_CACHE_HOME/seawall`, else `~/.cache/seawall`; nothing without a home.
        ///
        /// - Parameter environment: the user's variables.
        /// - Returns: the folder, which need not be there yet.
        package static func defaultCacheDirectory(
            environment: [String: String] = ProcessInfo.processInfo.environment
        ) -> FilePath? {
            func folder(_ name: String) -> FilePath? {
                environment[name].flatMap { $0.isEmpty ? nil : FilePath($0) }
            }
            return folder("SEAWALL_CACHE_DIR") ?? folder("XDG_CACHE_HOME")?.appending("seawall")
                ?? folder("HOME")?.appending(".cache").appending("seawall")
        }
    }
}
