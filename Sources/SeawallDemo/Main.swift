internal import Glibc
internal import PacketLab

/// Shows with real connections that a policy does the same under iptables and nft: `make demo`.
@main
enum Main {
    private static let usage = """
        usage: SeawallDemo [--seawall COMMAND] [--templates FOLDER] [TEMPLATE ...]

        Builds a Docker host in network namespaces, applies each template with both backends, and tries connections. Needs
        root. Exit status: 0 all as expected, 1 a cell is wrong, 2 usage, 4 the host.
        """

    static func main() {
        guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else { end(2, usage) }
        guard Lab.isPossible else { end(4, "seawall demo: network namespaces need root") }
        do {
            exit(try show(arguments) ? 0 : 1)
        } catch {
            end(4, "seawall demo: \(error)")
        }
    }

    private static func show(_ arguments: Arguments) throws -> Bool {
        let lab = try Lab()
        defer { lab.close() }
        let demonstration = Demonstration(lab: lab, command: arguments.command, templates: arguments.templates)
        var table = Table()
        for scenario in arguments.scenarios {
            for stage in scenario.stages {
                let seen = try Backend.allCases.map { try demonstration.run(scenario, stage, under: $0) }
                table.add(scenario, stage, seen: seen)
            }
        }
        for line in table.lines { print(line) }
        print(table.isRight ? "\nAll as expected." : "\nNot all as expected.")
        return table.isRight
    }

    private static func end(_ status: Int32, _ message: String) -> Never {
        let bytes = Array((message + "\n").utf8)
        _ = write(2, bytes, bytes.count)
        exit(status)
    }
}
