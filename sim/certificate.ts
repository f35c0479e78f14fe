/** The one certificate of the simulated world, so that keys of members can be read from it. Its private key was never kept. */

export const CERTIFICATE_PEM = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBhzCCAS2gAwIBAgIUVcuIUUTnYvXU/QOsBSmwei2bih4wCgYIKoZIzj0EAwIw',
  'GDEWMBQGA1UEAwwNc2ltdWxhdGVkIEtNQTAgFw0yNjExMjYwMjIzMjNaGA8yMTI2',
  'MTEwMjAyMjMyM1owGDEWMBQGA1UEAwwNc2ltdWxhdGVkIEtNQTBZMBMGByqGSM49',
  'AgEGCCqGSM49AwEHA0IABK2Pclb7kYjan3TJkf5mPoi+pyIsAjgKsm3TaeTUkKAA',
  '9gVJcEnzNk+3lXj8bfJbCHEdkO8TeHU/T/gUBHTYizSjUzBRMB0GA1UdDgQWBBTT',
  '56xLwr2J8UAu3u9cnCC1M9bI4zAfBgNVHSMEGDAWgBTT56xLwr2J8UAu3u9cnCC1',
  'M9bI4zAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDzLXPH3gM+',
  'ZKwzaTzyE4G0Yr7h0XIQIA57lqJn6p4KlgIgPEyKlbYOI9eSMa1/IpLGyC33AvNe',
  'laEPTFzTfZ0G4LA=',
  '-----END CERTIFICATE-----',
].join('\n');
