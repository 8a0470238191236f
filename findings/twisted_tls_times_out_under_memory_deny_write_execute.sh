#!/usr/bin/env bash
# Under systemd's MemoryDenyWriteExecute, Twisted (and so Scrapy) gets no https page, and says that time ran out.
#
# pyOpenSSL makes its callbacks with cffi in memory that is writable and executable. The kernel refuses that, the
# MemoryError is raised within the start of the handshake and logged at most, and the request waits until its own
# timeout. So a hardened unit looks like sites that are down. http works, and so does https by the standard library's
# ssl in the same process. What the directive does can be had without systemd: prctl(PR_SET_MDWE), Linux 6.3.
#
# Versions: Twisted 26.10.0, pyOpenSSL 26.4.0, cffi 2.1.1, cryptography 50.0.2, service-identity 26.1.0; Python 3.11,
# Linux 6.18. Source: own trial; cffi's documentation on callbacks names such systems.
# Seen:
#   without  OpenSSL callback ok           ssl TLSv1.3   Twisted https 200
#   with     OpenSSL callback MemoryError  ssl TLSv1.3   Twisted https no answer within 5 s, which is its timeout here
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'twisted==26.10.0' 'pyopenssl==26.4.0' \
    'cffi==2.1.1' 'cryptography==50.0.2' 'service-identity==26.1.0' 'idna==3.11' 2> /dev/null
cd "$folder"
cat > server.py <<'PY'
import datetime
import http.server
import ipaddress
import ssl
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.UTC)
names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName(names), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    .sign(key, hashes.SHA256())
)
private = key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
public = certificate.public_bytes(serialization.Encoding.PEM)
Path("both.pem").write_bytes(private + public)
Path("public.pem").write_bytes(public)


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("both.pem")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
cat > client.py <<'PY'
import ctypes
import socket
import ssl
import sys
import time
from pathlib import Path

port, guarded = int(sys.argv[1]), sys.argv[2] == "with"
if guarded and ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit("this kernel has no PR_SET_MDWE")

from OpenSSL import SSL
from twisted.internet import reactor
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS

try:
    SSL.Context(SSL.TLS_METHOD).set_info_callback(lambda *_: None)
    callback = "ok"
except MemoryError:
    callback = "MemoryError"
with socket.create_connection(("127.0.0.1", port)) as plain:
    with ssl.create_default_context(cafile="public.pem").wrap_socket(plain, server_hostname="localhost") as tls:
        standard = tls.version()

root = trustRootFromCertificates([Certificate.loadPEM(Path("public.pem").read_bytes())])
began = time.monotonic()
asked = Agent(reactor, BrowserLikePolicyForHTTPS(root)).request(b"GET", f"https://localhost:{port}/".encode())
told = []
asked.addTimeout(5, reactor)
asked.addCallbacks(
    lambda answer: told.append(str(answer.code)),
    lambda failure: told.append("no answer within 5 s" if time.monotonic() - began >= 5 else repr(failure.value)),
)
asked.addBoth(lambda _: reactor.stop())
reactor.run()
print(f"{sys.argv[2]}: OpenSSL callback {callback}, ssl {standard}, Twisted https {told[0]}")
PY
coproc SERVER { exec venv/bin/python server.py; }
read -r port <&"${SERVER[0]}"
without=$(venv/bin/python client.py "$port" without)
with=$(venv/bin/python client.py "$port" with 2> errors)
kill "$SERVER_PID"
echo "$without"
echo "$with"
grep -m 1 MemoryError errors | cut -c 1-100
[ "$without" = "without: OpenSSL callback ok, ssl TLSv1.3, Twisted https 200" ]
[ "$with" = "with: OpenSSL callback MemoryError, ssl TLSv1.3, Twisted https no answer within 5 s" ]
echo "as described"
