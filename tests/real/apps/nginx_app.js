// What nginx's configuration has no words for. nginx reads the body and frames the answer.
//
// Left out: conditions on a change. nginx has them for reads only.

import fs from 'fs';

function echo(r) {
    const file = r.variables.request_body_file;
    if (r.headersIn['Content-Type'] !== undefined) {
        r.headersOut['Content-Type'] = r.headersIn['Content-Type'];
    }
    r.return(200, file ? fs.readFileSync(file) : r.requestBuffer || '');
}

function headers(r) {
    r.headersOut['Content-Type'] = 'text/plain';
    const lines = r.rawHeadersIn.map((field) => `${field[0].toLowerCase()}: ${field[1]}\n`);
    r.return(200, lines.join(''));
}

function number(text) {
    return /^[0-9]{1,5}$/.test(text || '') && Number(text) <= 10000 ? Number(text) : -1;
}

async function slow(r) {
    const ms = number(r.args.ms);
    if (ms < 0) {
        return r.return(400);
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
    r.return(200, 'waited\n');
}

function chunks(r) {
    const count = number(r.args.n);
    if (count < 0) {
        return r.return(400);
    }
    r.status = 200;
    r.headersOut['Content-Type'] = 'text/plain';
    r.sendHeader();
    if (r.method !== 'HEAD') {
        for (let i = 0; i < count; i++) {
            r.send(`chunk ${i}\n`);
        }
    }
    r.finish();
}

function write(r) {
    const raw = /^(?:https?:\/\/[^/]*)?\/files\/([^/?]*)(\?|$)/.exec(r.variables.request_uri);
    let name = '';
    try {
        name = decodeURIComponent(raw ? raw[1] : '');
    } catch (e) {
        return r.return(400);
    }
    if (['', '.', '..'].includes(name) || /[/\0]/.test(name)) {
        return r.return(400);
    }
    const path = `${process.env.DATA_DIR}/${name}`;
    let old;
    try {
        old = fs.lstatSync(path, { throwIfNoEntry: false });
    } catch (e) {
        return r.return(400);
    }
    if (old && !old.isFile()) {
        return r.return(403);
    }
    if (r.method === 'DELETE') {
        if (!old) {
            return r.return(404);
        }
        fs.unlinkSync(path);
        return r.return(204);
    }
    const file = r.variables.request_body_file;
    if (file) {
        fs.renameSync(file, path);
    } else {
        fs.writeFileSync(path, r.requestBuffer || '');
    }
    r.return(old ? 204 : 201);
}

export default { echo, headers, slow, chunks, write };
