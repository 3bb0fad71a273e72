import { describeViewLaws } from '@reprise/view-store/contract';
import { routePunctuality } from './definition.js';

describeViewLaws(routePunctuality);
