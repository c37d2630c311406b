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

// The last segment as it came. nginx's own $uri is decoded before it is split.
function segment(r) {
    const path = r.variables.request_uri.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0];
    const parts = path.split('/');
    return parts.length === 3 ? parts[2] : '';
}

function word(r) {
    const raw = segment(r);
    if (raw === '') {
        return r.return(404);
    }
    if (/%(?![0-9A-Fa-f]{2})/.test(raw)) {
        return r.return(400);
    }
    const octets = raw.split('%').map((part, at) => (at === 0 ? Buffer.from(part)
        : Buffer.concat([Buffer.from(part.slice(0, 2), 'hex'), Buffer.from(part.slice(2))])));
    r.headersOut['Content-Type'] = 'text/plain';
    r.return(200, Buffer.concat(octets));
}

function headers(r) {
    const all = r.rawHeadersIn.map((field) => field[0].toLowerCase());
    const parts = [];
    all.filter((name, at) => all.indexOf(name) === at).forEach((name) => {
        // As octets: njs makes text of everything else. Repeated fields come joined.
        const value = r.rawVariables['http_' + name.replace(/-/g, '_')];
        parts.push(Buffer.from(`${name}: `), value || Buffer.from(''), Buffer.from('\n'));
    });
    r.headersOut['Content-Type'] = 'text/plain';
    r.return(200, Buffer.concat(parts));
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
    let name = '';
    try {
        name = decodeURIComponent(segment(r));
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

export default { word, echo, headers, slow, chunks, write };
