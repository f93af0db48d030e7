internal import Glibc

/// Migrates rule sets on hosts of their own, and judges each by packets before and after.
@main
enum Main {
    private static let help = """
        usage: seawall-migration-trial [--seawall PATH] FOLDER...

        For every *.v4.save and *.v6.save file below the folders (iptables-save, or what iptables-restore reads): its filter
        table is loaded into a namespace, packets of every class that its rules tell apart are sent, `seawall migrate` moves
        what can be moved to nft, the packets are sent again, `seawall migrate --back`, and once more. Twice: once with a
        FORWARD that lets everything pass behind DOCKER-USER, and once with one that stops everything, where ACCEPT is kept
        by a mark. Needs root, for namespaces; changes nothing outside of them.
        Ends with 1 if a packet fared otherwise, or a migration failed; with 2 if something could not be tried at all.
        """

    static func main() {
        do {
            var words = Array(CommandLine.arguments.dropFirst())
            if words.contains("--help") || words.isEmpty { return print(help) }
            var seawall = try beside("seawall")
            if let place = words.firstIndex(of: "--seawall"), place + 1 < words.count {
                seawall = words[place + 1]
                words.removeSubrange(place...(place + 1))
            }
            let results = try words.flatMap { try trials($0, seawall) }
            print("\n" + TrialReport(results: results).sums, terminator: "")
            exit(results.isEmpty ? 2 : results.allSatisfy(\.isGood) ? 0 : 1)
        } catch {
            let text = Array("seawall-migration-trial: \(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            exit(2)
        }
    }

    private static func trials(_ folder: String, _ seawall: String) throws -> [Trial.Result] {
        try Folder.names(folder).filter { $0.hasSuffix(".v4.save") || $0.hasSuffix(".v6.save") }.compactMap { name in
            guard let file = RulesetFile(name: name, text: try Folder.text("\(folder)/\(name)")) else { return nil }
            let result = try Trial(file: file, seawall: seawall).run()
            print(TrialReport.text(of: result))
            return result
        }
    }

    private static func beside(_ name: String) throws -> String {
        guard let own = realpath("/proc/self/exe", nil) else {
            throw FolderError(description: "cannot find this program")
        }
        defer { free(own) }
        return "/" + String(cString: own).split(separator: "/").dropLast().joined(separator: "/") + "/" + name
    }
}
