"""What the official SDK for Python makes of responses that the service gives.

$ pip install huaweicloudsdkcodeartsbuild
$ python3 docs/comparison.py
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcodeartsbuild.v3 import (
    CodeArtsBuildClient, ListProjectJobsRequest, RunJobRequest, RunJobRequestBody,
)

JOB, PROJECT = "f9d6c8466d614a9788e9a0acf6c15f46", "b4d3971c3988463b865f6f920846149e"
response = (200, b"")


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        status, body = response
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = respond

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
key = BasicCredentials("AK", "SK", "0123456789abcdef0123456789abcdef")
client = CodeArtsBuildClient.new_builder().with_credentials(key).with_endpoint(
    f"http://127.0.0.1:{server.server_port}").build()
run_job = lambda: client.run_job(RunJobRequest(body=RunJobRequestBody(job_id=JOB)))
jobs = lambda: client.list_project_jobs(
    ListProjectJobsRequest(project_id=PROJECT, page_index=0, page_size=10))
for call, status, body in [
    (run_job, 200, {"error_code": "CB.00060205", "error_msg": "the job is disabled"}),
    (run_job, 200, {"status": "fail", "error": {"code": "DEV.CB.1", "reason": "no"}}),
    (run_job, 200, "<html>login</html>"),
    (run_job, 200, ""),
    (run_job, 400, {"error": {"code": "DEV.CB.1", "reason": "no"}}),
    (jobs, 200, {"status": "success", "result": {"total": 1, "job_list": [{"id": JOB}]}}),
]:
    body = body if isinstance(body, str) else json.dumps(body)
    response = (status, body.encode())
    try:
        outcome = f"success: {call()}"
    except Exception as error:
        outcome = f"{type(error).__name__}: {getattr(error, 'error_code', error)}"
    print(f"{status} {body or '(empty)'}\n    {outcome}")
