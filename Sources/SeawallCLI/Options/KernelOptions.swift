internal import ArgumentParser
internal import NFTablesBackend

/// In which network namespace the kernel is spoken to.
struct KernelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A network namespace of 'ip netns', or the path of one.", valueName: "name"))
    var netns: String?

    /// The namespace, if not our own.
    var namespace: NetworkNamespace? { netns.map { NetworkNamespace($0) } }
}

/// How results are written.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write the result as JSON.")
    var json = false
}
