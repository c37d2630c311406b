// k6 as an open-loop generator: requests begin at a constant rate, whatever the server does.
//
//   k6 run -e URL=http://127.0.0.1:8080/ -e RATE=500 -e SECONDS=8 -e USERS=2000 arrivals.js
//
// A request that finds no free user is not sent and counted as a dropped iteration.

import http from 'k6/http';

export const options = {
  discardResponseBodies: true,
  scenarios: {
    arrivals: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE),
      timeUnit: '1s',
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: Number(__ENV.USERS),
      gracefulStop: '5s',
    },
  },
};

export default function () {
  http.get(__ENV.URL);
}
