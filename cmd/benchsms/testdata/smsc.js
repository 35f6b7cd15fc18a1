// An SMSC made of the npm package smpp, which is not ours: it takes what comes, sends a
// receipt for each submit that asks for one, and then a handset's answer to it. It prints a
// line of JSON for everything it saw. The folder of the package is its argument.
const smpp = require(process.argv[2]);
const say = (what) => console.log(JSON.stringify(what));
let last = 0;

const server = smpp.createServer((session) => {
  session.on('error', (e) => say({ saw: 'error', text: String(e) }));
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === '900001' && pdu.password === 'hotline';
    session.send(pdu.response(known ? {} : { command_status: smpp.ESME_RBINDFAIL }));
    say({ saw: 'bind', text: pdu.system_id });
    if (!known) session.close();
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    say({ saw: 'unbind' });
    session.close();
  });
  session.on('submit_sm', (pdu) => {
    const id = (++last).toString(16).toUpperCase().padStart(8, '0');
    session.send(pdu.response({ message_id: id }));
    const m = pdu.short_message;
    say({ saw: 'submit', from: pdu.source_addr, to: pdu.destination_addr, text: m.message, parts: m.udh ? m.udh.length : 0, coding: pdu.data_coding });
    if (pdu.registered_delivery & 1) {
      session.deliver_sm({
        source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
        short_message: `id:${id} sub:001 dlvrd:001 submit date:2611272300 done date:2611272301 stat:DELIVRD err:000 text:`,
        receipted_message_id: id, message_state: smpp.MESSAGE_STATE.DELIVERED,
      }, (resp) => say({ saw: 'receipt answered', status: resp.command_status }));
    }
    if (!m.udh) {
      session.deliver_sm({ source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, short_message: '满意' },
        (resp) => say({ saw: 'text answered', status: resp.command_status }));
    }
  });
});
server.listen(0, '127.0.0.1', () => say({ saw: 'listening', text: `127.0.0.1:${server.address().port}` }));
process.stdin.on('end', () => process.exit(0)).resume();
