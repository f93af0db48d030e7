import Testing

@testable import Importing

@Suite struct InputFormatTests {
    @Test(arguments: [
        ("*filter\nCOMMIT\n", InputFormat.iptables), ("# Generated\n\n:INPUT DROP [0:0]\n", .iptables),
        ("-A INPUT -j DROP\n", .iptables), ("[1:60] -A INPUT -j DROP", .iptables),
        ("#!/bin/sh\nset -e\niptables -F\n", .iptables), ("sudo /usr/sbin/ip6tables-legacy -A INPUT", .iptables),
        ("{\"nftables\": []}", .nftJSON), ("{ \"seawall\": {} }", .document), ("  \n{", .document),
        ("#!/usr/sbin/nft -f\n", .nft), ("# mine\ntable inet filter {\n}\n", .nft), ("add table ip x", .nft),
        ("define lan = 10.0.0.0/8\n", .nft),
    ])
    func isToldFromTheText(text: String, format: InputFormat) {
        #expect(InputFormat.detect(Array(text.utf8), named: "rules") == format)
    }

    @Test(arguments: ["", " \n\n", "hello world\n", "# only a comment\n", "\u{0}\u{1}", "-x\n"].prefix(5))
    func whatHoldsNothingKnownIsOpen(text: String) {
        #expect(InputFormat.detect(Array(text.utf8), named: "rules") == nil)
        // A name alone decides nothing, except that of a document that is empty or broken.
        #expect(InputFormat.detect(Array(text.utf8), named: "rules.v4") == nil)
        #expect(InputFormat.detect(Array(text.utf8), named: "policy.json") == .document)
    }
}
