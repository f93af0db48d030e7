import PacketLab
import PacketModel
import Testing

@Suite struct HostTests {
    @Test(arguments: AddressFamily.allCases)
    func everyAddressIsOne(family: AddressFamily) {
        for host in Host.allCases {
            #expect(IPAddress(host.addressText(family))?.description == host.addressText(family))
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func noTwoMachinesShareAnAddress(family: AddressFamily) {
        let hosts = Host.allCases.filter { $0 != .wire }
        #expect(Set(hosts.map { $0.address(family) }).count == hosts.count)
    }
}
