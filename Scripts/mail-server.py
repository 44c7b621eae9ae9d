#!/usr/bin/env python3
"""An SMTP server for tests: it keeps what it is given in a folder and refuses what its rules say.

Messages go to received.jsonl, a line of JSON each, read as any mail program would. rules.json may name a recipient and what it
is answered: {"kim@shop.example": {"recipient": "550 5.1.1 unknown"}}, by stage: sender (by the recipient's name the sender is
not known yet: "*"), recipient, content. "silence" as an answer is none. The file is read anew for each command.
"""
import argparse
import asyncio
import base64
import email
import email.policy
import json
import pathlib
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Mailroom:
    def __init__(self, folder):
        self.folder = folder

    def rule(self, name, stage):
        path = self.folder / "rules.json"
        rules = json.loads(path.read_text()) if path.exists() else {}
        return rules.get(name, {}).get(stage) or rules.get("*", {}).get(stage)

    async def verdict(self, name, stage):
        answer = self.rule(name, stage)
        if answer == "silence":
            await asyncio.sleep(3600)
        return answer

    async def handle_MAIL(self, server, session, envelope, address, options):
        if refused := await self.verdict("*", "sender"):
            return refused
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refused := await self.verdict(address, "recipient"):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            if refused := await self.verdict(address, "content"):
                return refused
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        seen = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "client": session.host_name,
            "peer": session.peer[1],
            "isEncrypted": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "id": mail["Message-ID"],
            "date": mail["Date"].datetime.isoformat(),
            "from": str(mail["From"]),
            "to": str(mail["To"]),
            "subject": str(mail["Subject"]),
            "language": mail["Content-Language"],
            "headers": mail.keys(),
            "text": mail.get_content().replace("\r\n", "\n"),
            "raw": base64.b64encode(envelope.content).decode(),
        }
        with open(self.folder / "received.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(seen) + "\n")
        return "250 2.0.0 kept"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--tls", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--login", action="store_true", help="ask for what the file login says: a name and a password")
    options = parser.parse_args()
    folder = options.folder

    context = None
    if options.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")

    def check(server, session, envelope, mechanism, data):
        name, password = (folder / "login").read_bytes().split(b"\n")[:2]
        isRight = data.login == name and data.password == password
        return AuthResult(success=isRight, handled=isRight, auth_data=data)

    def protocol():
        return SMTP(
            Mailroom(folder),
            hostname="mail.test",
            tls_context=context if options.tls == "starttls" else None,
            require_starttls=options.tls == "starttls",
            authenticator=check if options.login else None,
            auth_required=options.login,
            auth_require_tls=options.tls == "starttls",
        )

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", options.port, ssl=context if options.tls == "tls" else None
    )
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
