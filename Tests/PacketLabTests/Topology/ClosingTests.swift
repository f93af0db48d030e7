import Glibc
import PacketLab
import PacketModel
import Testing

extension PacketLabTests {
    @Suite struct ClosingTests {
        @Test func nothingStaysBehind() throws {
            let lab = try Lab(name: Lab.newName())
            let paths = Host.allCases.map { "/run/netns/" + lab[$0].name } + [lab.folder]
            for path in paths { #expect(access(path, F_OK) == 0) }
            lab.close()
            lab.close()
            for path in paths { #expect(access(path, F_OK) != 0, "\(path) is still there") }
        }

        @Test func nothingStaysBehindWhenSetUpFails() throws {
            let name = Lab.newName()
            // ICMP has no ports, so the rules of the router do not load.
            let impossible = [PublishedPort(.icmp, 1, to: .web, 1)]
            #expect(throws: LabError.self) { _ = try Lab(name: name, publishing: impossible) }
            for host in Host.allCases { #expect(access("/run/netns/\(name)-\(host.rawValue)", F_OK) != 0) }
            #expect(access("/tmp/" + name, F_OK) != 0)
        }

        @Test func nothingStaysBehindWhenTheLabIsForgotten() throws {
            let name = Lab.newName()
            do { _ = try Lab(name: name) }
            #expect(access("/run/netns/\(name)-router", F_OK) != 0)
        }
    }
}
