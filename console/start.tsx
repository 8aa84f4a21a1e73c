import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/forms.css';
import './styles/sign-in.css';
import './styles/gate.css';
import './styles/runs.css';
import './styles/overview.css';
import './styles/calendar.css';
import './styles/register.css';
import './styles/runbooks.css';

const place = document.getElementById('console');
if (!place) throw new Error('index.html has no element with the id "console".');
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
