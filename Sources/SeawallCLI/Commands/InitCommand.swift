internal import ArgumentParser
internal import Diagnostics
internal import JSONC
internal import PolicyLoading

/// The command `seawall init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new policy with its test.",
        discussion: """
            Writes a Swift package: the policy, the files that it reads, and a test. Nothing that is there already is \
            written over. Then: seawall check FOLDER, swift test --package-path FOLDER, seawall compile FOLDER.
            """)

    @Argument(help: ArgumentHelp("The folder to make.", valueName: "folder"), completion: .directory)
    var folder = "."

    @Option(help: ArgumentHelp("The template to begin with; --list-templates shows them.", valueName: "name"))
    var template = "web-host"

    @Flag(help: "Show the templates and do nothing.")
    var listTemplates = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let library = try TemplateLibrary(installation: .find())
        if listTemplates {
            let names = library.names
            try Terminal.write(
                output.json
                    ? Report.text(["outcome": "ok", "templates": .array(names.map(JSONValue.string))])
                    : try library.overview)
            return
        }
        let package = try NewPackage(
            template: try library.template(named: template), folder: folder, dependency: library.package)
        try package.write()
        if output.json {
            try Terminal.write(
                Report.text([
                    "outcome": "ok", "folder": .string(folder), "files": .array(package.files.map { .string($0.path) }),
                ]))
        } else {
            try Terminal.write(package.summary)
        }
    }
}
