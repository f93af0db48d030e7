import Testing

@testable import Seawall

struct SetFileTests {
    @Test func aFileOfAddressesIsRead() throws {
        let file = "# blocked\n192.0.2.0/24\n\n  198.51.100.7\t# one\r\n2001:db8::1-2001:db8::9"
        #expect(
            try rules(files: ["list": file]) { Inbound(on: "eth0") { Drop(from: AddressSet(contentsOf: "list")) } } == [
                "iif{eth0} saddr{192.0.2.0/24,198.51.100.7,2001:db8::1-2001:db8::9} -> drop"
            ])
    }

    @Test func aFileOfPortsIsRead() throws {
        #expect(
            try rules(files: ["ports": "443\n8000-8010\nssh # admins\n"]) {
                Inbound(on: "eth0") { Allow(.tcp(PortSet(contentsOf: "ports"))) }
            } == ["iif{eth0} proto{tcp} o.dport{22,443,8000-8010} -> leave"])
    }

    @Test func aBadLineIsNamedWithItsFileAndLine() {
        let text = messages(files: ["list": "192.0.2.1\n10.0.0.300\n192.0.2.7/24\n"]) {
            Inbound(on: "eth0") { Drop(from: AddressSet(contentsOf: "list")) }
        }
        #expect(
            text == [
                "error: '10.0.0.300' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9 [bad-entry]\n  note: the file is named here",
                "error: '192.0.2.7/24' has bits set behind its prefix: write 192.0.2.0/24 for the network, or the address without a prefix for the one host [bad-entry]\n  note: the file is named here",
            ])
        #expect(
            messages(files: ["ports": "80\n8010-8000\n"]) {
                Inbound(on: "eth0") { Drop(.tcp(PortSet(contentsOf: "ports"))) }
            }.first
                == "error: '8010-8000' is no port: expected a number from 0 to 65535, a range such as 8000-8010, or a service's name [bad-entry]\n  note: the file is named here"
        )
    }

    @Test func manyBadLinesAreCounted() {
        let file = (0..<30).map { "bad\($0)\n" }.joined()
        let found = messages(files: ["list": file]) {
            Inbound(on: "eth0") {
                Drop(from: AddressSet(contentsOf: "list"))
                Drop(to: AddressSet(contentsOf: "list"))
            }
        }
        #expect(found.count == 21)
        #expect(found.last == "error: 10 more lines are wrong [bad-entry]")
    }

    @Test func anEmptyFileIsAnErrorUnlessItMayBe() throws {
        let message =
            "error: the file has no entries: an empty set matches nothing; if that is meant, say mayBeEmpty: true [empty-set]\n  note: the file is named here"
        #expect(
            messages(files: ["list": "# none\n"]) { Inbound(on: "eth0") { Drop(from: AddressSet(contentsOf: "list")) } }
                .first
                == message)
        #expect(
            messages(files: ["list": ""]) {
                Inbound(on: "eth0") { Drop(.tcp(PortSet(contentsOf: "list"))) }
            }.first == message)
        let both = messages(files: ["list": ""]) {
            Inbound(on: "eth0") {
                Drop(from: AddressSet(contentsOf: "list", mayBeEmpty: true))
                Drop(to: AddressSet(contentsOf: "list"))
            }
        }
        #expect(both == [message])
    }

    @Test func aFileThatMayBeEmptyMatchesNothing() throws {
        let rules = try rules(files: ["list": ""]) {
            Inbound(on: "eth0") {
                Drop(from: AddressSet(contentsOf: "list", mayBeEmpty: true))
                Drop(.tcp(PortSet(contentsOf: "list", mayBeEmpty: true)), .udp(53))
                Drop(from: .not(AddressSet(contentsOf: "list", mayBeEmpty: true)))
                Rule(.drop) { Match.source(AddressSet(contentsOf: "list", mayBeEmpty: true)) }
            }
            Outbound(via: "eth0", from: AddressSet(contentsOf: "list", mayBeEmpty: true)) { Default(.drop) }
        }
        #expect(
            rules == [
                "never -> drop", "iif{eth0} proto{udp} o.dport{53} -> drop", "iif{eth0} saddr{any} -> drop",
                "never -> drop",
                "never -> drop",
            ])
    }

    @Test func aDocumentWithoutTheFileIsAnError() {
        #expect(
            messages { Inbound(on: "eth0") { Drop(from: AddressSet(contentsOf: "list")) } } == [
                "error: the document does not hold the contents of 'list': compile it where the file is [missing-file]"
            ])
    }
}
