/*
 * Countersign: reports each change of a record. `countersign trigger setup servicenow` says where to paste this.
 *
 * Signed with HMAC-SHA256 over TIMESTAMP.BODY; the system properties countersign.url and countersign.secret say where
 * to send it and with which secret. Written in ECMAScript 5, which every instance runs.
 */
(function reportToCountersign(current, previous) {
  var url = gs.getProperty('countersign.url');
  var secret = gs.getProperty('countersign.secret');
  if (!url || !secret) {
    gs.error('Countersign: set the system properties countersign.url and countersign.secret.');
    return;
  }

  var operation = String(current.operation());
  var updated = operation != 'insert' && operation != 'delete';
  var body = asciiOf(JSON.stringify(report()));
  var timestamp = String(Math.floor(new GlideDateTime().getNumericValue() / 1000));
  // generateMac takes its key in base64, and answers in base64.
  var mac = new CertificateEncryption().generateMac(
    GlideStringUtil.base64Encode(secret),
    'HmacSHA256',
    timestamp + '.' + body
  );

  var request = new sn_ws.RESTMessageV2();
  request.setEndpoint(url);
  request.setHttpMethod('post');
  request.setRequestHeader('Content-Type', 'application/json');
  request.setRequestHeader('X-Countersign-Timestamp', timestamp);
  request.setRequestHeader('X-Countersign-Signature', 'sha256=' + hexOf(String(mac)));
  request.setRequestBody(body);
  // Not awaited: whoever saves the record must not wait for another system.
  request.executeAsync();

  function report() {
    var isItem = String(current.getTableName()) == 'sc_req_item';
    var about = {
      event: updated ? 'update' : operation,
      table: String(current.getTableName()),
      sys_id: String(current.getUniqueValue()),
      number: String(current.getValue('number')),
      url: gs.getProperty('glide.servlet.uri') + current.getLink(true),
      state: String(current.getValue('state')),
      state_label: String(current.getElement('state').getDisplayValue()),
      sys_mod_count: Number(current.getValue('sys_mod_count')),
      sys_updated_on: String(current.getValue('sys_updated_on')),
      updated_by: { email: String(gs.getUser().getEmail()), name: String(gs.getUserDisplayName()) },
      requester: requester(),
      short_description: String(current.getValue('short_description') || ''),
      changed: [],
      record: {}
    };
    if (updated) {
      about.previous_state = String(previous.getValue('state'));
      about.previous_state_label = String(previous.getElement('state').getDisplayValue());
    }
    for (var field in current) {
      if (!current.isValidField(field)) continue;
      var element = current.getElement(field);
      if (updated && element.changes()) about.changed.push(field);
      if (!element.nil() && !isSecret(element)) about.record[field] = valueOf(element);
    }
    if (isItem) {
      about.variables = {};
      for (var name in current.variables) {
        var variable = current.variables[name];
        if (updated && typeof variable.changes == 'function' && variable.changes())
          about.changed.push('variables.' + name);
        if (String(variable) !== '') about.variables[name] = valueOf(variable);
      }
    }
    return about;
  }

  /** Text as it is stored; of a reference also what people read, and the address of a person. */
  function valueOf(element) {
    var table = typeof element.getReferenceTable == 'function' ? element.getReferenceTable() : null;
    if (!table) return String(element);
    var reference = { value: String(element), display_value: String(element.getDisplayValue()) };
    if (table == 'sys_user') reference.email = personOf(element).email;
    return reference;
  }

  function requester() {
    var fields = ['requested_for', 'requested_by', 'caller_id', 'opened_by'];
    for (var i = 0; i < fields.length; i++) {
      if (!current.isValidField(fields[i])) continue;
      var element = current.getElement(fields[i]);
      if (!element.nil()) return personOf(element);
    }
    return { email: '', name: '' };
  }

  function personOf(element) {
    var person = element.getRefRecord();
    if (!person.isValidRecord()) return { email: '', name: String(element.getDisplayValue()) };
    return { email: String(person.getValue('email') || ''), name: String(element.getDisplayValue()) };
  }

  function isSecret(element) {
    return String(element.getED().getInternalType()).indexOf('password') === 0;
  }

  /** The signature is over bytes: in plain ASCII nobody can encode them otherwise on the way. */
  function asciiOf(json) {
    return json.replace(/[\u007f-\uffff]/g, function (character) {
      return '\\u' + ('0000' + character.charCodeAt(0).toString(16)).slice(-4);
    });
  }

  function hexOf(base64) {
    var alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    var hex = '';
    var bits = 0;
    var pending = 0;
    for (var i = 0; i < base64.length && base64.charAt(i) !== '='; i++) {
      bits = (bits << 6) | alphabet.indexOf(base64.charAt(i));
      for (pending += 6; pending >= 4; ) {
        pending -= 4;
        hex += ((bits >> pending) & 15).toString(16);
      }
      bits &= (1 << pending) - 1;
    }
    return hex;
  }
})(current, previous);
