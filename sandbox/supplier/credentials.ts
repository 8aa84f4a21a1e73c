/** By which the buyer and the supplier of the sandbox know each other. */
export const credentials = {
  from: { domain: 'DUNS', identity: '111111111' },
  to: { domain: 'DUNS', identity: '222222222' },
  sender: { domain: 'DUNS', identity: '111111111' },
  sharedSecret: 'sandbox-buyer-secret',
  /** By which the buyer believes the supplier. */
  inboundSecret: 'sandbox-supplier-secret',
};
